import { customers, products } from './bench-database.ts'
import type { Turn } from './bench-orm.ts'

/** The key of one of the products that belong to a client. */
export function ownProduct({ client, number }: Turn): number {
  return 1 + client * (products / 10) + (number % (products / 10))
}

/** The keys of the 200 products that belong to a client: from the first to the last. */
export function ownProducts({ client }: Turn): readonly [first: number, last: number] {
  const first = 1 + client * (products / 10)
  return [first, first + products / 10 - 1]
}

/** The key of one of the customers that belong to a client. */
export function ownCustomer({ client, number }: Turn): number {
  return 1 + client * (customers / 10) + (number % (customers / 10))
}

/** A product that is not there yet. */
export function newProduct({ number }: Turn, place = 0) {
  return {
    sku: `new-${number}-${place}`,
    name: `Product ${number}`,
    price: '12.5',
    stock: number % 1000,
    weight: 0.5,
    attributes: { colour: 'red', size: 5, notes: 'a few words of text here' },
    keywords: ['a', 'b'],
  }
}

/** A hundred products that are not there yet. */
export function newProducts(turn: Turn) {
  return Array.from({ length: 100 }, (_, place) => newProduct(turn, place))
}

/** A product whose sku is there already. */
export function knownProduct(turn: Turn) {
  return { ...newProduct(turn), sku: `sku-${ownProduct(turn)}` }
}

/** What an update of one product changes. */
export function changes({ number }: Turn) {
  return { stock: number, name: `Product ${number}` }
}

import type { Prisma } from '../prisma/generated/client.ts'
import { customers, products } from './bench-database.ts'
import type { BenchClient, VariantName } from './variants.ts'

/** What one call works on. */
export interface Turn {
  /** 0 for the first client. Clients keep to rows of their own. */
  readonly client: number
  /** Never the same twice. */
  readonly number: number
  /** A product of this call's own, where the operation asks for one. */
  readonly spare: number
}

/** One thing that applications do. */
export interface Operation {
  readonly name: string
  /** Calls of each client in one batch. */
  readonly calls: number
  readonly clients: readonly number[]
  readonly variants: readonly VariantName[]
  /** Whether each call uses up a product that must be there before. */
  readonly spare?: boolean
  run(client: BenchClient, turn: Turn): Promise<unknown>
}

const everywhere = {
  clients: [1, 8],
  variants: ['plain', 'plain named', 'audited', 'audited unnamed', 'trigger'],
} as const

/** All operations, in the order of the table. */
export const operations: readonly Operation[] = [
  {
    ...everywhere,
    name: 'findUnique (a read)',
    calls: 30,
    run: ({ shop }, turn) => shop.product.findUnique({ where: { id: ownProduct(turn) } }),
  },
  {
    ...everywhere,
    name: 'create',
    calls: 20,
    run: (client, turn) => client.write((shop) => shop.product.create({ data: newProduct(turn) })),
  },
  { ...everywhere, name: 'update by id', calls: 20, run: updateById },
  {
    ...everywhere,
    name: 'upsert (the row exists)',
    calls: 20,
    run: (client, turn) => client.write((shop) => shop.product.upsert(existingUpsert(turn))),
  },
  {
    ...everywhere,
    name: 'delete',
    calls: 20,
    spare: true,
    run: (client, { spare: id }) => client.write((shop) => shop.product.delete({ where: { id } })),
  },
  {
    ...everywhere,
    name: 'transaction of 5 writes',
    calls: 8,
    run: (client, turn) => client.transaction((tx) => placeOrder(tx, turn)),
  },
  {
    ...everywhere,
    name: 'createMany 100',
    calls: 3,
    run: (client, turn) => client.write((shop) => shop.product.createMany({ data: newProducts(turn, 100) })),
  },
  {
    ...everywhere,
    name: 'updateMany 200',
    calls: 3,
    run: (client, { client: at }) =>
      client.write((shop) =>
        shop.product.updateMany({ where: ownProducts(at), data: { stock: { increment: 1 }, active: false } }),
      ),
  },
  {
    name: 'update by id, sealer on',
    clients: [8],
    variants: ['plain', 'sealing'],
    calls: 60,
    run: updateById,
  },
]

function updateById(client: BenchClient, turn: Turn): Promise<unknown> {
  const data = { stock: turn.number, name: `Product ${turn.number}` }
  return client.write((shop) => shop.product.update({ where: { id: ownProduct(turn) }, data }))
}

async function placeOrder(tx: Prisma.TransactionClient, turn: Turn): Promise<void> {
  const customerId = 1 + turn.client * (customers / 10) + (turn.number % (customers / 10))
  const id = ownProduct(turn)
  const order = await tx.order.create({ data: { customerId, total: 12.5 } })
  await tx.product.update({ where: { id }, data: { stock: { decrement: 1 } } })
  await tx.product.update({ where: { id }, data: { price: turn.number % 100 } })
  await tx.customer.update({ where: { id: customerId }, data: { vip: turn.number % 2 === 0 } })
  await tx.order.update({ where: { id: order.id }, data: { status: 'PAID', paidAt: new Date() } })
}

function ownProduct({ client, number }: Turn): number {
  return 1 + client * (products / 10) + (number % (products / 10))
}

function ownProducts(client: number): Prisma.ProductWhereInput {
  const first = 1 + client * (products / 10)
  return { id: { gte: first, lt: first + products / 10 } }
}

function newProduct({ number }: Turn, place = 0) {
  return {
    sku: `new-${number}-${place}`,
    name: `Product ${number}`,
    price: 12.5,
    stock: number % 1000,
    weight: 0.5,
    attributes: { colour: 'red', size: 5, notes: 'a few words of text here' },
    keywords: ['a', 'b'],
  }
}

function newProducts(turn: Turn, count: number) {
  return Array.from({ length: count }, (_, place) => newProduct(turn, place))
}

function existingUpsert(turn: Turn) {
  const sku = `sku-${ownProduct(turn)}`
  return { where: { sku }, create: { ...newProduct(turn), sku }, update: { stock: turn.number } }
}

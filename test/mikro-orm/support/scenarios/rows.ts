import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql'
import { Customer, Order, OrderLine, Product } from '../shop-entities.ts'

/** The fields that a product cannot do without. */
export function productData(sku: string) {
  return { sku, name: `Product ${sku}`, price: '9.90' }
}

/** The fields that a customer cannot do without. */
export function customerData(name: string) {
  return { name, email: `${name}@example.com` }
}

/** Inserts a product and returns its id. */
export function insertProduct(orm: MikroORM, sku: string): Promise<number> {
  return orm.em.fork().insert(Product, { ...productData(sku), stock: 1 })
}

/** Finds a product by its sku. */
export function findProduct(em: SqlEntityManager, sku: string) {
  return em.findOneOrFail(Product, { sku })
}

/** Makes a customer with an order of two lines. */
export async function insertOrder(orm: MikroORM, name: string): Promise<number> {
  const em = orm.em.fork()
  const customer = em.create(Customer, customerData(name))
  const order = em.create(Order, { customer })
  const product = em.create(Product, productData(`${name}-ware`))
  for (const lineNo of [1, 2])
    order.lines.add(em.create(OrderLine, { order, lineNo, product, quantity: lineNo, unitPrice: '3.50' }))
  await em.flush()
  return order.id
}

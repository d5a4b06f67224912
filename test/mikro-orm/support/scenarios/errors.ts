import { type MikroORM, raw } from '@mikro-orm/postgresql'
import { failing } from '../../../conformance/scenario-lists.ts'
import { Customer, Order, Product, Review, Tag } from '../shop-entities.ts'
import { customerData, insertOrder, insertProduct, productData } from './rows.ts'

/** What PostgreSQL refuses: class, code, message and position are those that the application knows. */
export const errorScenarios = failing<MikroORM>(
  [
    'unique: em.insert',
    (orm) => orm.em.fork().insert(Product, productData('error')),
    (orm) => insertProduct(orm, 'error'),
  ],
  [
    'unique: flush',
    (orm) => {
      const em = orm.em.fork()
      em.create(Tag, { name: 'error-before' })
      em.create(Product, productData('error'))
      return em.flush()
    },
  ],
  [
    'unique: update',
    (orm) => orm.em.fork().nativeUpdate(Product, { sku: 'error-2' }, { sku: 'error' }),
    (orm) => insertProduct(orm, 'error-2'),
  ],
  ['not null', (orm) => orm.em.fork().execute('insert into "Product" (sku) values (?)', ['x'])],
  [
    'not null: update',
    (orm) => orm.em.fork().nativeUpdate(Product, { sku: 'error' }, { name: raw<string>('null') }),
  ],
  [
    'foreign key: insert',
    (orm) => orm.em.fork().insert(Review, { product: 999_999, customer: 999_999, stars: 1 }),
  ],
  [
    'foreign key: delete of a parent with children',
    (orm) => orm.em.fork().nativeDelete(Customer, { name: 'error-parent' }),
    (orm) => insertOrder(orm, 'error-parent'),
  ],
  [
    'a value out of range',
    (orm) => orm.em.fork().execute('update "Product" set stock = 99999999999 where sku = ?', ['error']),
  ],
  ['a table that is not there', (orm) => orm.em.fork().execute('update nowhere set x = 1')],
  [
    'a column that is not there',
    (orm) => orm.em.fork().execute('update "Product" set nope = 1 where sku = ?', ['error']),
  ],
  [
    'a column that is not there, in WHERE',
    (orm) => orm.em.fork().execute('delete from "Product" where nope = 1'),
  ],
  [
    'a column that is not there, in RETURNING',
    (orm) => orm.em.fork().execute('delete from "Product" where sku = ? returning nope', ['error']),
  ],
  ['a syntax error', (orm) => orm.em.fork().execute('update "Product" set stock = = 1')],
  [
    'a division by zero',
    (orm) => orm.em.fork().nativeUpdate(Product, { sku: 'error' }, { stock: raw<number>('1 / 0') }),
  ],
  ['an enum without this value', (orm) => orm.em.fork().execute(`update "Order" set status = 'GONE'`)],
  [
    'validation by the ORM',
    (orm) => {
      const em = orm.em.fork()
      // One-line bridge: the type would refuse it, and the point is what the ORM says.
      em.create(Customer, { ...customerData('invalid'), email: undefined } as never)
      return em.flush()
    },
  ],
  ['an entity that is not there', (orm) => orm.em.fork().findOneOrFail(Order, { note: 'nobody' })],
)

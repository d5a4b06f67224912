import { type MikroORM, raw } from '@mikro-orm/postgresql'
import { exactly, recorded } from '../../../conformance/scenario-lists.ts'
import { Category, ListPrice, OrderLine, Product, Tag } from '../shop-entities.ts'
import { insertOrder, productData } from './rows.ts'

/** The query builder. */
export const queryBuilderScenarios = [
  ...exactly<MikroORM>(
    ['qb.insert', (orm) => orm.em.fork().createQueryBuilder(Product).insert(productData('qb-1')).execute()],
    [
      'qb.insert of several rows',
      (orm) =>
        orm.em
          .fork()
          .createQueryBuilder(Product)
          .insert([productData('qb-2'), productData('qb-3')])
          .execute(),
    ],
    [
      'qb.insert, returning',
      (orm) =>
        orm.em
          .fork()
          .createQueryBuilder(Tag)
          .insert({ name: 'qb-returning' })
          .returning(['id', 'name'])
          .execute('all'),
    ],
    [
      'qb.insert on conflict ignore',
      (orm) =>
        orm.em
          .fork()
          .createQueryBuilder(Product)
          .insert([productData('qb-1'), productData('qb-4')])
          .onConflict('sku')
          .ignore()
          .execute(),
    ],
    [
      'qb.insert on conflict merge',
      (orm) =>
        orm.em
          .fork()
          .createQueryBuilder(Product)
          .insert([{ ...productData('qb-1'), name: 'merged' }, productData('qb-5')])
          .onConflict('sku')
          .merge()
          .execute(),
    ],
    [
      'qb.insert on conflict merge of values, with a condition',
      (orm) =>
        orm.em
          .fork()
          .createQueryBuilder(Product)
          .insert([productData('qb-1'), productData('qb-2')])
          .onConflict('sku')
          .merge({ stock: 12 })
          .where({ sku: 'qb-2' })
          .execute(),
    ],
    [
      'qb.insertFrom a query',
      (orm) => {
        const em = orm.em.fork()
        const from = em
          .createQueryBuilder(Product, 'p')
          .select(raw("p.sku || '-copy' as name"))
          .where({ sku: { $like: 'qb-%' } })
        return em
          .createQueryBuilder(Tag)
          .insertFrom(from, { columns: ['name'] })
          .execute()
      },
    ],
    [
      'qb.update',
      (orm) =>
        orm.em
          .fork()
          .createQueryBuilder(Product)
          .update({ stock: 3 })
          .where({ sku: { $like: 'qb-%' } })
          .execute(),
    ],
    [
      'qb.update with SQL, an alias and a comment',
      (orm) =>
        orm.em
          .fork()
          .createQueryBuilder(Product, 'p')
          .update({ stock: raw<number>('stock + ?', [1]) })
          .where({ name: 'merged' })
          .comment('update of "Tag" where')
          .execute(),
    ],
    [
      'qb.update, returning',
      (orm) =>
        orm.em
          .fork()
          .createQueryBuilder(Tag)
          .update({ name: 'qb-returned' })
          .where({ name: 'qb-returning' })
          .returning('*')
          .execute('all'),
    ],
    [
      'qb.update through a join',
      (orm) =>
        orm.em
          .fork()
          .createQueryBuilder(OrderLine, 'l')
          .update({ quantity: 8 })
          .where({ product: { sku: 'qb-join-ware' } })
          .execute(),
      (orm) => insertOrder(orm, 'qb-join'),
    ],
    [
      'qb.update of a relation',
      async (orm) => {
        const em = orm.em.fork()
        const category = await em.insert(Category, { slug: 'qb', name: 'QB' })
        await em.createQueryBuilder(Product).update({ categoryId: category }).where({ sku: 'qb-1' }).execute()
        return em
          .createQueryBuilder(Product)
          .update({ categoryId: null })
          .where({ categoryId: category })
          .execute()
      },
    ],
    [
      'qb.delete',
      (orm) =>
        orm.em
          .fork()
          .createQueryBuilder(Product)
          .delete({ sku: ['qb-2', 'qb-3'] })
          .execute(),
    ],
    [
      'qb.delete through a join',
      (orm) =>
        orm.em
          .fork()
          .createQueryBuilder(OrderLine, 'l')
          .delete()
          .where({ product: { sku: 'qb-join-ware' }, lineNo: 1 })
          .execute(),
    ],
    [
      'qb.delete, returning',
      (orm) =>
        orm.em
          .fork()
          .createQueryBuilder(Tag)
          .delete({ name: 'qb-returned' })
          .returning(['name'])
          .execute('all'),
    ],
    [
      'qb.select writes nothing, locks included',
      (orm) =>
        orm.em.fork().transactional(async (em) => {
          const locked = await em
            .createQueryBuilder(Product)
            .select(['id', 'sku'])
            .where({ sku: 'qb-1' })
            .setLockMode(4)
            .getResult()
          return locked.map(({ sku }) => sku)
        }),
    ],
  ),
  ...recorded<MikroORM>([
    'qb.truncate',
    ['truncate TRUNCATE list_price'],
    (orm) => orm.em.fork().createQueryBuilder(ListPrice).truncate().execute(),
  ]),
]

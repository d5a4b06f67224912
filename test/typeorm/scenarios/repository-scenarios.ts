import { In } from 'typeorm'
import { exact, failureOf, makeProducts, productData, products, recorded } from '../support/scenario.ts'

/** The repository's writes that are one statement. */
export const repositoryScenarios = [
  exact('insert of one row', (db) => products(db).insert(productData('ins-1'))),
  exact('insert of many rows', (db) => products(db).insert(['ins-2', 'ins-3', 'ins-4'].map(productData))),
  exact('insert of a taken key', (db) => failureOf(products(db).insert(productData('ins-1')))),
  exact('insert with an expression', (db) =>
    products(db).insert({ ...productData('ins-5'), stock: () => '2 + 3' }),
  ),
  exact(
    'update by id',
    async (db) => {
      const { id } = await products(db).findOneByOrFail({ sku: 'upd-1' })
      return products(db).update(id, { stock: 4, releasedAt: new Date('2021-01-01T00:00:00Z') })
    },
    makeProducts('upd-1'),
  ),
  exact(
    'update by criteria of several rows',
    (db) => products(db).update({ sku: In(['upd-2', 'upd-3']) }, { stock: 6, keywords: ['x'] }),
    makeProducts('upd-2', 'upd-3'),
  ),
  exact('update of no row', (db) => products(db).update({ sku: 'nobody' }, { stock: 1 })),
  exact('update to the same value leaves no change', (db) =>
    products(db).update({ sku: 'upd-1' }, { stock: 4 }),
  ),
  exact('update by an expression', (db) =>
    products(db).update({ sku: 'upd-1' }, { stock: () => '"stock" * 2', name: () => `upper('updated')` }),
  ),
  exact('update of the key', (db) => products(db).update({ sku: 'upd-2' }, { id: () => '"id" + 100000' })),
  exact('update that returns every column', (db) =>
    products(db).update({ sku: 'upd-1' }, { active: false }, { returning: '*' }),
  ),
  exact('update that returns some columns', (db) =>
    products(db).update({ sku: 'upd-1' }, { active: true }, { returning: ['id', 'releasedAt'] }),
  ),
  exact('update that breaks a unique key', (db) =>
    failureOf(products(db).update({ sku: 'upd-1' }, { sku: 'upd-3' })),
  ),
  exact(
    'updateAll',
    (db) => db.getRepository('Topic').updateAll({ name: 'one for all' }),
    (db) => db.getRepository('Topic').insert([{ name: 'a' }, { name: 'b' }]),
  ),
  exact('upsert that inserts', (db) => products(db).upsert({ ...productData('ups-1'), stock: 1 }, ['sku'])),
  exact('upsert that updates', (db) => products(db).upsert({ ...productData('ups-1'), stock: 2 }, ['sku'])),
  exact('upsert of many rows, some of them new', (db) =>
    products(db).upsert(
      [
        { ...productData('ups-1'), stock: 3 },
        { ...productData('ups-2'), stock: 4 },
      ],
      ['sku'],
    ),
  ),
  exact('upsert that skips rows without a change', (db) =>
    products(db).upsert(
      { ...productData('ups-2'), stock: 4 },
      {
        conflictPaths: ['sku'],
        skipUpdateIfNoValuesChanged: true,
      },
    ),
  ),
  exact('increment', (db) => products(db).increment({ sku: 'ins-1' }, 'stock', 5)),
  exact('decrement', (db) => products(db).decrement({ sku: 'ins-1' }, 'stock', 2)),
  exact(
    'delete by criteria',
    (db) => products(db).delete({ sku: In(['del-1', 'del-2']) }),
    makeProducts('del-1', 'del-2'),
  ),
  exact(
    'delete by id',
    async (db) => products(db).delete((await products(db).findOneByOrFail({ sku: 'del-3' })).id),
    makeProducts('del-3'),
  ),
  exact('delete of no row', (db) => products(db).delete({ sku: 'nobody' })),
  exact('deleteAll', (db) => db.getRepository('Topic').deleteAll()),
  recorded('clear is announced', (db) => failureOf(db.getRepository('Chapter').clear()), {
    announces: ['truncate TRUNCATE chapter'],
  }),
]

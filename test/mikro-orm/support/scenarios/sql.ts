import type { MikroORM } from '@mikro-orm/postgresql'
import { exactly, recorded } from '../../../conformance/scenario-lists.ts'
import { insertProduct, productData } from './rows.ts'

interface ProductTable {
  readonly Product: {
    readonly id: number
    readonly sku: string
    readonly name: string
    readonly stock: number
    readonly price: string
  }
}

const kysely = (orm: MikroORM) => orm.em.fork().getKysely<ProductTable>()

async function readAll<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const read: Row[] = []
  for await (const row of rows) read.push(row)
  return read
}

/** SQL of the application: by the entity manager, the connection, Kysely and the pool. */
export const sqlScenarios = [
  ...exactly<MikroORM>(
    [
      'em.execute: each method',
      async (orm) => {
        const em = orm.em.fork()
        return [
          await em.execute('insert into "Tag" (name) values (?), (?)', ['sql-1', 'sql-2']),
          await em.execute('update "Tag" set name = name || ? where name like ?', ['!', 'sql-%'], 'run'),
          await em.execute(
            'update "Tag" set name = ? where name = ? returning name',
            ['sql-3', 'sql-1!'],
            'get',
          ),
          await em.execute('delete from "Tag" where name like ? returning name', ['sql-%'], 'all'),
        ]
      },
    ],
    ['em.execute of nothing', (orm) => orm.em.fork().execute('')],
    [
      'connection.execute',
      (orm) =>
        orm.em
          .getConnection()
          .execute('insert into "Tag" (name) values (\'sql-?\') returning name', [], 'run'),
    ],
    [
      'em.execute with everything that SQL may hold',
      (orm) =>
        orm.em.fork().execute(
          `/* ? update "Product" */ update only "Tag" as t -- ? ;
            set name = $tag$it's ?$tag$ where t."name" = 'sql-?' returning t.*, t.name as again`,
        ),
    ],
    [
      'em.execute: update … from, delete … using, insert … select',
      async (orm) => {
        const em = orm.em.fork()
        return [
          await em.execute(
            `insert into "Tag" (name) select sku from "Product" where sku = 'sql-from'`,
            [],
            'run',
          ),
          await em.execute(
            `update "Product" p set name = t.name, stock = 5 from "Tag" t where t.name = p.sku and p.sku = 'sql-from' returning p.stock`,
          ),
          await em.execute(
            `delete from "Tag" t using "Product" p where t.name = p.sku returning t.name`,
            [],
            'all',
          ),
        ]
      },
      (orm) => insertProduct(orm, 'sql-from'),
    ],
    [
      'Kysely: insert, update, delete with bound parameters',
      async (orm) => {
        const db = kysely(orm)
        const { price, ...named } = productData('kysely')
        return [
          await db
            .insertInto('Product')
            .values({ ...named, price, id: 90_001, stock: 1 })
            .executeTakeFirst(),
          await db.updateTable('Product').set({ stock: 2 }).where('sku', '=', 'kysely').executeTakeFirst(),
          await db
            .updateTable('Product')
            .set((eb) => ({ stock: eb('stock', '+', 2) }))
            .where('sku', '=', 'kysely')
            .returningAll()
            .execute(),
          await db
            .deleteFrom('Product')
            .where('sku', '=', 'kysely')
            .returning(['sku', 'stock'])
            .executeTakeFirst(),
        ]
      },
    ],
    [
      'Kysely: inside a transaction of the ORM',
      (orm) =>
        orm.em.fork().transactional(async (em) => {
          await em.execute('insert into "Tag" (name) values (\'kysely-tx\')')
          return em
            .getKysely<{ Tag: { name: string } }>()
            .updateTable('Tag')
            .set({ name: 'kysely-tx!' })
            .where('name', '=', 'kysely-tx')
            .executeTakeFirst()
        }),
    ],
    [
      'Kysely: a transaction of its own, rolled back and committed',
      async (orm) => {
        const db = orm.em.fork().getKysely<{ Tag: { name: string } }>()
        const failed = await db
          .transaction()
          .execute(async (trx) => {
            await trx.insertInto('Tag').values({ name: 'kysely-never' }).execute()
            throw new Error('no')
          })
          .catch((error: Error) => error.message)
        await db
          .transaction()
          .execute((trx) => trx.insertInto('Tag').values({ name: 'kysely-ever' }).execute())
        return failed
      },
    ],
    [
      'Kysely: a compiled query',
      (orm) => {
        const db = orm.em.fork().getKysely<{ Tag: { name: string } }>()
        const update = db.updateTable('Tag').set({ name: 'kysely-2' }).where('name', '=', 'kysely-ever')
        return db.executeQuery(update.returning('name').compile())
      },
    ],
    [
      'the pool of node-postgres',
      async (orm) => {
        const pool = await orm.em.getConnection().getNativeClient()
        const { command, rowCount, rows } = await pool.query(
          'insert into "Tag" (name) values ($1) returning name',
          ['pool'],
        )
        const client = await pool.connect()
        try {
          const updated = await client.query({
            text: 'update "Tag" set name = $1 where name = $2',
            values: ['pool!', 'pool'],
          })
          return [command, rowCount, rows, updated.command, updated.rowCount]
        } finally {
          client.release()
        }
      },
    ],
    [
      'statements by hand: begin, savepoint, rollback to, commit',
      async (orm) => {
        const pool = await orm.em.getConnection().getNativeClient()
        const client = await pool.connect()
        try {
          await client.query('begin')
          await client.query(`insert into "Tag" (name) values ('hand-1')`)
          await client.query('savepoint s')
          await client.query(`insert into "Tag" (name) values ('hand-2')`)
          await client.query('rollback to savepoint s')
          await client.query('commit')
        } finally {
          client.release()
        }
      },
    ],
  ),
  ...recorded<MikroORM>(
    [
      'em.execute: a writing WITH',
      ['statement WITH Tag'],
      (orm) =>
        orm.em
          .fork()
          .execute(
            `with gone as (delete from "Tag" where name = 'pool!' returning name) select name from gone`,
          ),
    ],
    [
      'em.execute: several statements in one text',
      ['statement UPDATE Tag'],
      (orm) =>
        orm.em
          .fork()
          .execute(
            `update "Tag" set name = 'multi' where name = 'hand-1'; update "Tag" set name = 'multi!' where name = 'multi'`,
          ),
    ],
    [
      'connection.stream that writes',
      ['statement UPDATE Tag'],
      (orm) =>
        orm.em.fork().transactional((em) => {
          const sql = `update "Tag" set name = 'streamed' where name = ? returning name`
          return readAll(em.getConnection().stream(sql, ['kysely-2'], em.getTransactionContext()))
        }),
    ],
    [
      'Kysely: a stream that writes',
      ['statement DELETE Tag'],
      (orm) =>
        orm.em
          .fork()
          .getKysely<{ Tag: { name: string } }>()
          .transaction()
          .execute((db) =>
            readAll(db.deleteFrom('Tag').where('name', '=', 'streamed').returning('name').stream()),
          ),
    ],
    [
      'em.execute: truncate',
      ['truncate TRUNCATE list_price'],
      (orm) => orm.em.fork().execute('truncate list_price'),
    ],
    [
      'connection.executeDump',
      ['statement INSERT Tag'],
      (orm) =>
        orm.em
          .getConnection()
          .executeDump(
            `insert into "Tag" (name) values ('dump-1'); insert into "Tag" (name) values ('dump-2');`,
          ),
    ],
  ),
]

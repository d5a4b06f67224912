import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import type { PoolClient, QueryResult, Submittable } from 'pg'
import QueryStream from 'pg-query-stream'
import type { DataSource, QueryRunner } from 'typeorm'
import { exact, failureOf, makeProducts, recorded } from '../support/scenario.ts'

interface CursorLike extends Submittable {
  read(rows: number): Promise<unknown[]>
  close(): Promise<void>
}

// The package brings no types.
const Cursor: new (text: string) => CursorLike = createRequire(import.meta.url)('pg-cursor')

async function withRunner<Result>(
  db: DataSource,
  work: (runner: QueryRunner) => Promise<Result>,
): Promise<Result> {
  const runner = db.createQueryRunner()
  try {
    return await work(runner)
  } finally {
    await runner.release()
  }
}

/** The client of node-postgres under a query runner. */
function withClient<Result>(db: DataSource, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
  return withRunner(db, async (runner) => work(await runner.connect()))
}

/** What an application reads of a result of node-postgres. */
function shown({
  command,
  rowCount,
  rows,
  fields,
  oid,
}: Pick<QueryResult, 'command' | 'rowCount' | 'rows' | 'fields' | 'oid'>) {
  return { command, rowCount, rows, oid, fields: fields.map(({ name, dataTypeID }) => [name, dataTypeID]) }
}

/** SQL of the application's own, through TypeORM. */
const throughTypeorm = [
  exact('query(): insert', (db) =>
    db.query(`insert into "Product" (sku, name, price) values ($1, $2, $3)`, ['sql-1', 'One', 1]),
  ),
  exact('query(): insert that returns', (db) =>
    db.query(`insert into "Product" (sku, name, price) values ('sql-2', 'Two', 2) returning id, sku as code`),
  ),
  exact('query(): insert from a select', (db) =>
    db.query(`insert into "Product" (sku, name, price)
      select sku || '-x', name, price from "Product" where sku like 'sql-_' order by sku`),
  ),
  exact('query(): update returns rows and their count', (db) =>
    db.query(`update "Product" set stock = stock + $1 where sku like $2 returning sku, stock`, [2, 'sql-_']),
  ),
  exact('query(): update with an alias', (db) =>
    db.query(`UPDATE "Product" AS p SET "name" = upper(p."name") WHERE p.sku = 'sql-1';`),
  ),
  exact('query(): update from another table', (db) =>
    db.query(
      `update "Product" p set stock = t.n from (values ('sql-1', 11), ('sql-2', 12)) t (sku, n) where p.sku = t.sku`,
    ),
  ),
  exact('query(): delete using another table', (db) =>
    db.query(
      `delete from "Product" p using (values ('sql-1-x')) t (sku) where p.sku = t.sku returning p.sku`,
    ),
  ),
  exact('query(): an upsert', (db) =>
    db.query(`insert into "Product" (sku, name, price) values ('sql-1', 'One', 1), ('sql-3', 'Three', 3)
      on conflict (sku) do update set price = excluded.price + 1 returning *`),
  ),
  exact('query() with a structured result', (db) =>
    withRunner(db, (runner) => runner.query(`update "Product" set stock = 1 where sku = 'sql-1'`, [], true)),
  ),
  exact('the sql tag of data source and manager', async (db) => [
    await db.sql`update "Product" set stock = ${5} where sku = ${'sql-1'} returning stock`,
    await db.manager.sql`insert into "Tag" (name) values (${'sql tag'}) returning *`,
  ]),
  exact('words of SQL inside texts, names and comments', (db) =>
    db.query(`update /* delete from "Tag"; */ "Product" set "name" = 'RETURNING; WHERE "x"' -- insert into
      where sku = $$sql-1$$`),
  ),
  exact('failing statements show their own text, code and position', (db) =>
    withRunner(db, async (runner) => {
      const failing = [
        `update "Product" set nope = 1 where sku = 'sql-1'`,
        `update "Product" set stock = 1 where nope = 1`,
        `insert into "Product" (sku) values ('sql-1')`,
        `insert into "Product" (sku, name, price) values ('sql-1', 'x', 1) returning nope`,
        `delete from "Product" where id = 'x'`,
        `delete from nope`,
        `update "Product" set stock = 1 wher sku = 'sql-1'`,
        `select 1 / 0`,
      ]
      const failures: unknown[] = []
      for (const statement of failing) failures.push(await failureOf(runner.query(statement)))
      return failures
    }),
  ),
  exact('wrong parameters are refused as ever', async (db) => [
    await failureOf(db.query(`update "Product" set stock = $1 where sku = $2`, [1])),
    await failureOf(db.query(`update "Product" set stock = $1 where sku = 'sql-1'`, [1, 2])),
    await failureOf(db.query(`update "Product" set stock = $1 where sku = 'sql-1'`, ['x'])),
  ]),
]

/** Statements that are announced. */
const announced = [
  recorded(
    'a data-modifying WITH is announced',
    (db) =>
      db.query(`with gone as (delete from "Product" where sku = 'sql-3' returning sku)
        insert into "Tag" (name) select sku from gone returning name`),
    { announces: ['statement WITH Product, Tag'] },
  ),
  recorded(
    'MERGE is announced',
    (db) =>
      db.query(`merge into "Tag" t using (values ('merged'), ('sql tag')) v (name) on t.name = v.name
        when not matched then insert (name) values (v.name)`),
    { announces: ['statement MERGE Tag'] },
  ),
  recorded(
    'several statements in one text are announced',
    (db) =>
      db.query(
        `insert into "Tag" (name) values ('one of two'); update "Product" set stock = 3 where sku = 'sql-1'`,
      ),
    { announces: ['statement INSERT Product, Tag'] },
  ),
  recorded('TRUNCATE is announced', (db) => db.query('truncate note_topics_topic'), {
    announces: ['truncate TRUNCATE note_topics_topic'],
  }),
  recorded(
    'DDL of a query runner is announced',
    (db) =>
      withRunner(db, async (runner) => {
        await runner.query('create table made_here (id int primary key, note text)')
        await runner.query('drop table made_here')
      }),
    { announces: ['ddl CREATE made_here', 'ddl DROP made_here'] },
  ),
]

/** The client of node-postgres, which TypeORM hands out. */
const throughClient = [
  exact('a raw client: text, values and configuration', (db) =>
    withClient(db, async (client) => [
      shown(await client.query(`update "Product" set stock = 20 where sku = 'sql-1'`)),
      shown(await client.query(`update "Product" set stock = $1 where sku = 'sql-1' returning *`, [21])),
      shown(
        await client.query({
          text: `delete from "Tag" where name = $1 returning name`,
          values: ['merged'],
          rowMode: 'array',
        }),
      ),
      shown(
        await client.query({
          name: 'mine',
          text: `update "Product" set stock = $1 where sku = 'sql-2'`,
          values: [22],
        }),
      ),
      shown(
        await client.query({
          name: 'mine',
          text: `update "Product" set stock = $1 where sku = 'sql-2'`,
          values: [23],
        }),
      ),
    ]),
  ),
  exact('a raw client: the form with a callback', (db) =>
    withClient(
      db,
      (client) =>
        new Promise((resolve, reject) => {
          client.query(`update "Product" set stock = $1 where sku = 'sql-1'`, [24], (error, result) =>
            error ? reject(error) : resolve(shown(result)),
          )
        }),
    ),
  ),
  exact('a raw client: many statements at once keep their order', (db) =>
    withClient(db, (client) =>
      Promise.all(
        [1, 2, 3, 4, 5].map((by) =>
          client
            .query(`update "Product" set stock = stock * 2 + ${by} where sku = 'sql-1' returning stock`)
            .then(shown),
        ),
      ),
    ),
  ),
  exact(
    'stream() of a query runner reads rows as they are',
    (db) =>
      withRunner(db, async (runner) => {
        const rows = await runner.stream(`select sku, stock from "Product" where sku like $1 order by sku`, [
          'sql-%',
        ])
        return await rows.toArray()
      }),
    makeProducts('sql-stream'),
  ),
  exact('stream() of a query builder reads rows as they are', (db) =>
    withRunner(db, async (runner) => {
      const query = db.createQueryBuilder('Product', 'p', runner).where(`p.sku like 'sql-%'`).orderBy('p.sku')
      return await (await query.stream()).toArray()
    }),
  ),
  exact('a cursor and a stream of node-postgres come back at once and read', (db) =>
    withClient(db, async (client) => {
      const cursor = client.query(new Cursor(`select sku from "Product" where sku like 'sql-%' order by 1`))
      const rows = await cursor.read(100)
      await cursor.close()
      const stream = client.query(
        new QueryStream(`select stock from "Product" where sku like 'sql-%' order by sku`),
      )
      return [rows, stream instanceof Readable, await stream.toArray()]
    }),
  ),
  recorded(
    'a stream that writes is announced',
    (db) =>
      withRunner(db, async (runner) => {
        await runner.startTransaction()
        const stream = await runner.stream(
          `update "Product" set stock = 5 where sku = $1 returning sku, stock`,
          ['sql-1'],
        )
        const rows = await stream.toArray()
        await runner.commitTransaction()
        return rows
      }),
    { announces: ['statement UPDATE Product'] },
  ),
]

/** Statements that TypeORM did not make. */
export const sqlScenarios = [...throughTypeorm, ...announced, ...throughClient]

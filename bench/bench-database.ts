import { fromPgPool, migrate } from '@indelible/core'
import pg from 'pg'
import { withDatabase } from '../test/support/database-url.ts'
import { createShopSchema } from '../test/support/shop-schema.ts'

/** Rows that are there before the first operation. Each of 8 clients works on a tenth of them, so that none waits for another. */
export const products = 2000
export const customers = 400

/** Entries that are there before the first operation. None waits for the sealer. */
export const entries = 20_000

/** A database of one variant: the shop with its audit schema. */
export interface BenchDatabase {
  readonly url: string
  /** For what is not measured. Its statements fire no trigger and leave no entry. */
  readonly pool: pg.Pool
  /** The server's processes that serve this database now. */
  sessions(): Promise<number[]>
  end(): Promise<void>
}

/** Creates the shop with some thousand rows and a trail. Databases of one server are copies of the first. */
export async function createBenchDatabase(serverUrl: string, name: string): Promise<BenchDatabase> {
  await fillTemplate(serverUrl)
  await onServer(serverUrl, `create database "${name}" template ${template}`)
  const url = withDatabase(serverUrl, name)
  const pool = openPool(url)
  return {
    url,
    pool,
    sessions: async () => {
      const { rows } = await pool.query<{ pid: number }>(
        "select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'",
      )
      return rows.map(({ pid }) => pid)
    },
    end: () => pool.end(),
  }
}

const template = 'bench_template'

async function fillTemplate(serverUrl: string): Promise<void> {
  const found = await onServer(serverUrl, `select from pg_database where datname = '${template}'`)
  if (found > 0) return
  await onServer(serverUrl, `create database ${template}`)
  const url = withDatabase(serverUrl, template)
  await createShopSchema(url)
  const pool = openPool(url)
  await migrate(fromPgPool(pool))
  await pool.query(filling)
  await pool.query('vacuum analyze')
  await pool.end()
}

function openPool(connectionString: string): pg.Pool {
  const options = '-c session_replication_role=replica'
  return new pg.Pool({ connectionString, max: 2, idleTimeoutMillis: 0, options })
}

/** Returns how many rows the statement found. */
async function onServer(url: string, sql: string): Promise<number> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query(sql)
  await client.end()
  return rows.length
}

const filling = `
  insert into "Product" (sku, name, price, stock, ean, weight, attributes, keywords, picture, released_at)
  select 'sku-' || i, 'Product number ' || i, 9.99 + i, i, 4000000000000 + i, i * 0.5,
    jsonb_build_object('colour', 'red', 'size', i, 'notes', 'a few words of text here'),
    array['a', 'b'], '\\x00010203', now()
  from generate_series(1, ${products}) i;
  insert into "Customer" (email, name, "passwordHash", "updatedAt")
  select 'c' || i || '@example.com', 'Customer ' || i, md5(i::text), now() from generate_series(1, ${customers}) i;
  insert into indelible.entry (op, table_schema, table_name, row_key, before, after, actor_id, correlation_id, context)
  select 'update', 'public', 'Product', i::text, '{"name":"Product A","stock":5}', '{"name":"Product B","stock":6}',
    'user-' || i % 50, 'request-' || i, json_build_object('actor', json_build_object('id', 'user-' || i % 50))
  from generate_series(1, ${entries}) i`

import { fromPgPool, migrate } from '@indelible/core'
import { createDatabase, type TestDatabase } from '../../support/fresh-database.ts'
import type { OpenOptions, OrmClient, OrmHarness } from '../orm-harness.ts'
import { createRowOracle, type RowOracle } from '../row-oracle.ts'
import { exact } from './exact-options.ts'
import { withoutChance } from './visible.ts'

/** A database with the tables of an ORM's harness and the witnesses on them, and clients of it. */
export interface OrmDatabase<Native> {
  readonly database: TestDatabase
  readonly oracle: RowOracle
  /** Opens a client, audited with {@link exact} unless told otherwise. It is closed by `close`. */
  open(options?: Partial<OpenOptions> & { readonly url?: string }): Promise<OrmClient<Native>>
  /** Closes the clients and drops the database. */
  close(): Promise<void>
}

/** Creates a database for the clients of an ORM, with or without the audit schema. In all else, any two of them are twins. */
export async function createOrmDatabase<Native>(
  harness: Pick<OrmHarness<Native>, 'open' | 'tables'>,
  { withAudit = true } = {},
): Promise<OrmDatabase<Native>> {
  const database = await createDatabase()
  await database.query(harness.tables ?? '')
  if (withAudit) await migrate(fromPgPool(database.pool))
  const oracle = await createRowOracle(database)
  const clients: OrmClient<Native>[] = []
  return {
    database,
    oracle,
    open: async ({ url = database.url, audit = exact, ...options } = {}) => {
      const client = await harness.open(url, { audit, ...options })
      clients.push(client)
      return client
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.close()))
      await database.drop()
    },
  }
}

/** Reads every row of every table of the application, as text, chance left out. */
export async function readUserRows(database: TestDatabase): Promise<Record<string, readonly string[]>> {
  const tables = await database.query<{ name: string }>(`select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition
      and n.nspname not in ('information_schema', 'indelible', 'oracle') and n.nspname !~ '^pg_' order by 1`)
  const contents = tables.map(
    ({ name }) => `select '${name.replaceAll("'", "''")}' as "table", coalesce(
    (select json_agg(row_to_json(t)::text order by row_to_json(t)::text) from ${name} t), '[]') as rows`,
  )
  const read = await database.query<{ table: string; rows: string[] }>(contents.join(' union all '))
  return Object.fromEntries(read.map(({ table, rows }) => [table, rows.map(withoutChance).sort()]))
}

import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { inject } from 'vitest'
import { withDatabase } from './database-url.ts'

/** A database that belongs to one test file. */
export interface TestDatabase {
  /** Address to hand to an ORM or a driver. */
  readonly url: string
  /** Its name. Roles are shared by all databases of a server: build their names from it. */
  readonly name: string
  /** Major version of the server. */
  readonly major: number
  /** Sessions for the tests' own SQL. Closed by `drop`. */
  readonly pool: pg.Pool
  /** Runs one statement on any session of the pool and returns its rows. */
  query<Row extends pg.QueryResultRow>(sql: string, params?: readonly unknown[]): Promise<Row[]>
  /** Removes the database, whoever is still connected. */
  readonly drop: () => Promise<void>
}

/** What a new database holds. */
export interface TestDatabaseOptions {
  /** `shop`: the tables of prisma/migrations. `empty`: nothing. Neither holds the audit tables. Default `shop`. */
  readonly template?: 'shop' | 'empty'
}

/**
 * Creates a database of its own for a test file, on the server of the running project. Takes 30-100 ms.
 *
 * @example
 * let database: TestDatabase
 * beforeAll(async () => {
 *   database = await createDatabase()
 *   return database.drop
 * })
 */
export async function createDatabase({ template = 'shop' }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = inject('postgres')
  const name = `${server.prefix}${randomBytes(4).toString('hex')}`
  const source = template === 'shop' ? `${server.prefix}shop` : 'template0'
  await onServer(server.url, (admin) => clone(admin, source, name))
  const url = withDatabase(server.url, name)
  const pool = new pg.Pool({ connectionString: url })
  return {
    url,
    name,
    major: server.major,
    pool,
    query: async (sql, params = []) => (await pool.query(sql, [...params])).rows,
    drop: () => drop(server.url, name, pool),
  }
}

async function onServer(url: string, work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client(url)
  await admin.connect()
  try {
    await work(admin)
  } finally {
    await admin.end()
  }
}

const SOURCE_IN_USE = '55006'
const CLONE_ATTEMPTS = 200

/** A source can be cloned by one session at a time: wait while another test file clones it. */
async function clone(admin: pg.Client, source: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await admin.query(`create database "${name}" template "${source}"`)
      return
    } catch (error) {
      if ((error as pg.DatabaseError).code !== SOURCE_IN_USE || attempt === CLONE_ATTEMPTS) throw error
      await sleep(25)
    }
  }
}

async function drop(serverUrl: string, name: string, pool: pg.Pool): Promise<void> {
  if (!pool.ended) await pool.end()
  await onServer(serverUrl, async (admin) => {
    await sessionsEnd(admin, name)
    await admin.query(`drop database if exists "${name}" with (force)`)
  })
}

/** `end` of a pool resolves before its sockets are closed; a session cut off in that moment would throw in the test process. */
async function sessionsEnd(admin: pg.Client, database: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { rowCount } = await admin.query('select from pg_stat_activity where datname = $1', [database])
    if (rowCount === 0) return
    await sleep(10)
  }
}

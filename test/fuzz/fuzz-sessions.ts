import pg from 'pg'
import type { OrmHarness } from '../conformance/orm-harness.ts'
import { harness as mikroOrm } from '../mikro-orm/support/harness.ts'
import { instrument } from '../pg/audited-pool.ts'
import { harness as prisma } from '../prisma/support/prisma-harness.ts'
import { harness as typeorm } from '../typeorm/support/typeorm-harness.ts'
import type { FuzzSession } from './run-program.ts'

/** A client of the fuzz. */
export interface FuzzClient extends FuzzSession {
  close(): Promise<void>
}

/** How to open a client of each kind, audited or not. */
export const openers: readonly [Opener, ...Opener[]] = [
  { name: 'node-postgres', open: openPg },
  ormOpener(prisma),
  ormOpener(typeorm),
  ormOpener(mikroOrm),
]

interface Opener {
  readonly name: string
  open(url: string, audited: boolean): Promise<FuzzClient>
}

const options = { redact: { defaults: false }, seal: false } as const

function ormOpener<Native>(harness: OrmHarness<Native>): Opener {
  const open = (url: string, audited: boolean) =>
    harness.open(url, { audit: audited && options, poolSize: 3 })
  return { name: harness.name, open }
}

async function openPg(url: string, audited: boolean): Promise<FuzzClient> {
  const pool = new pg.Pool({ connectionString: url, max: 3 })
  // A session that a test terminates is told to the pool.
  pool.on('error', () => undefined)
  if (audited) instrument(pool)
  return {
    sql: async (text, params = []) => summaryOf(await pool.query(text, [...params])),
    transaction: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  }
}

function summaryOf({ command, rowCount, rows }: pg.QueryResult): unknown {
  return { command, rowCount, rows }
}

async function inTransaction(pool: pg.Pool, work: (session: FuzzSession) => Promise<void>): Promise<void> {
  const client = await pool.connect()
  client.on('error', () => undefined)
  let broken = false
  try {
    await client.query('begin')
    await work(sessionOf(client, 1))
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {
      broken = true
    })
    throw error
  } finally {
    client.release(broken)
  }
}

function sessionOf(client: pg.PoolClient, depth: number): FuzzSession {
  return {
    sql: async (text, params = []) => summaryOf(await client.query(text, [...params])),
    async transaction(work) {
      await client.query(`savepoint s${depth}`)
      try {
        await work(sessionOf(client, depth + 1))
        await client.query(`release savepoint s${depth}`)
      } catch (error) {
        await client.query(`rollback to savepoint s${depth}`)
        throw error
      }
    },
  }
}

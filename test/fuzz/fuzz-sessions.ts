import { createHash } from 'node:crypto'
import type { AuditOptions } from '@indelible/core'
import pg from 'pg'
import type { OrmHarness } from '../conformance/orm-harness.ts'
import { harness as mikroOrm } from '../mikro-orm/support/harness.ts'
import { instrument } from '../pg/audited-pool.ts'
import { harness as prisma } from '../prisma/support/prisma-harness.ts'
import { harness as typeorm } from '../typeorm/support/typeorm-harness.ts'
import type { Param } from './random-key.ts'
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
  open(url: string, audit: AuditOptions | false): Promise<FuzzClient>
}

function ormOpener<Native>(harness: OrmHarness<Native>): Opener {
  const open = (url: string, audit: AuditOptions | false) => harness.open(url, { audit, poolSize: 3 })
  return { name: harness.name, open }
}

async function openPg(url: string, audit: AuditOptions | false): Promise<FuzzClient> {
  const pool = new pg.Pool({ connectionString: url, max: 3 })
  // A session that a test terminates is told to the pool.
  pool.on('error', () => undefined)
  if (audit !== false) instrument(pool, audit)
  return {
    sql: async (...statement) => summaryOf(await pool.query(configOf(...statement))),
    transaction: (work, isolation) => inTransaction(pool, work, isolation),
    close: () => pool.end(),
  }
}

function configOf(text: string, params: readonly Param[] = [], named = false): pg.QueryConfig {
  // A name that is told twice with different texts is refused by the driver; the server cuts off long ones.
  return { text, values: [...params], ...(named && { name: createHash('md5').update(text).digest('hex') }) }
}

function summaryOf({ command, rowCount, rows }: pg.QueryResult): unknown {
  return { command, rowCount, rows }
}

async function inTransaction(
  pool: pg.Pool,
  work: (session: FuzzSession) => Promise<void>,
  isolation = '',
): Promise<void> {
  const client = await pool.connect()
  client.on('error', () => undefined)
  let broken = false
  try {
    await client.query(`begin${isolation}`)
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
    sql: async (...statement) => summaryOf(await client.query(configOf(...statement))),
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

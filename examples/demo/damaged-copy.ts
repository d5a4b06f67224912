import { fromPgPool, type VerifyOptions, type VerifyReport, verifyLog } from '@indelible/core'
import pg from 'pg'
import { withDatabase } from '../../test/support/database-url.ts'
import { runSql } from './run-sql.ts'

/** A copy of the shop's database, to be spoilt. */
export interface DamagedCopy {
  readonly url: string
  verify(options: VerifyOptions): Promise<VerifyReport>
  drop(): Promise<void>
}

/** Copies database `shop`, which nobody may be connected to, and runs `sql` on the copy. */
export async function createDamagedCopy(serverUrl: string, sql: string): Promise<DamagedCopy> {
  await runSql(serverUrl, 'create database damaged template shop')
  const url = withDatabase(serverUrl, 'damaged')
  await runSql(url, sql)
  return {
    url,
    verify: (options) => verifyDatabase(url, options),
    drop: () => runSql(serverUrl, 'drop database damaged with (force)'),
  }
}

async function verifyDatabase(url: string, options: VerifyOptions): Promise<VerifyReport> {
  const pool = new pg.Pool({ connectionString: url })
  // end() does not wait for the sockets: dropping the copy may still cut a session, which is meant.
  pool.on('error', () => undefined)
  try {
    return await verifyLog(fromPgPool(pool), options)
  } finally {
    await pool.end()
  }
}

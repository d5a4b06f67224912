import { fromPgPool, migrate } from '@indelible/core'
import pg from 'pg'
import { withDatabase } from '../../test/support/database-url.ts'
import { createShopSchema } from '../../test/support/shop-schema.ts'
import { runSql } from './run-sql.ts'

/** Makes the database of the shop, with its tables and those of the trail. Returns its address. */
export async function createShopDatabase(serverUrl: string): Promise<string> {
  await runSql(serverUrl, 'create database shop')
  const url = withDatabase(serverUrl, 'shop')
  await createShopSchema(url)
  const pool = new pg.Pool({ connectionString: url })
  try {
    await migrate(fromPgPool(pool))
  } finally {
    await pool.end()
  }
  return url
}

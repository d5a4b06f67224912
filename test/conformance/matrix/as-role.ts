import { fromPgPool, migrate } from '@indelible/core'
import pg from 'pg'
import type { OrmClient, OrmHarness, ShopSession } from '../orm-harness.ts'

/** The clients of a harness, connecting as the role that is named for their database, and may write entries. It is dropped with them. */
export function asRole(harness: OrmHarness<ShopSession>): OrmHarness<ShopSession> {
  return {
    ...harness,
    open: async (url, options) => {
      const role = `${new URL(url).pathname.slice(1)}_app`
      if (options.audit !== false) await grantWriting(url, role)
      const asApp = new URL(url)
      asApp.username = role
      const client = await harness.open(asApp.href, options)
      return { ...client, close: () => closeAndDrop(client, url, role) }
    },
  }
}

async function grantWriting(url: string, role: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url })
  await migrate(fromPgPool(pool), { grants: { writers: [role] } })
  await pool.end()
}

async function closeAndDrop(client: OrmClient<ShopSession>, url: string, role: string): Promise<void> {
  await client.close()
  const owner = new pg.Client(url)
  await owner.connect()
  await owner.query(`drop owned by "${role}"; drop role "${role}"`)
  await owner.end()
}

import { createAuditTrail, instrumentPgPool, runScript } from '@indelible/core'
import pg from 'pg'

// A one-off script, as somebody would write it: started by the tests, and by `indelible run`.
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] })
const trail = createAuditTrail({ options: { seal: false }, open: () => audited.ready() })
const audited = instrumentPgPool(pool, { trail })

try {
  const requireReason = process.argv.includes('--require-reason')
  await runScript(() => pool.query("insert into fixed (name) values ('by script')"), { requireReason })
} catch (error) {
  console.error(error instanceof Error && 'code' in error ? error.code : error)
  process.exitCode = 3
} finally {
  await pool.end()
}

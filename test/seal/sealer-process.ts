import pg from 'pg'
import { fromPgPool } from '../../packages/core/src/pg/pg-database.ts'
import { createSealer } from '../../packages/core/src/seal/sealer.ts'

/** A sealer in a process of its own, that does nothing else until it is killed. It says `ready` once it may be at work. */
const pool = new pg.Pool({ connectionString: process.argv[2], application_name: 'sealer', max: 2 })
pool.on('error', () => {})
while (!(await isConnected()));
const sealer = createSealer(fromPgPool(pool), {
  interval: 1,
  batch: 100,
  checkpointInterval: 200,
  // Its backend is terminated now and then.
  onError: () => {},
})
setInterval(() => sealer.wake(), 1)
process.stdout.write('ready\n')

/** Its backend may be terminated before it is at work. */
async function isConnected(): Promise<boolean> {
  try {
    await pool.query('select')
    return true
  } catch (error) {
    if (/terminat/.test(String(error))) return false
    throw error
  }
}

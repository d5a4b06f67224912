import { parentPort, workerData } from 'node:worker_threads'
import { createAuditTrail, instrumentPgPool, restoreAuditContext } from '@indelible/core'
import pg from 'pg'

// A thread of its own has a pool of its own, and knows of the context only what came with the message.
const pool = new pg.Pool({ connectionString: workerData.url, max: 2 })
const trail = createAuditTrail({ options: { seal: false }, open: () => audited.ready() })
const audited = instrumentPgPool(pool, { trail })

const write = (name: string) => pool.query('insert into written (name) values ($1)', [name])

parentPort?.on('message', async ({ name, audit }: { name: string; audit?: unknown }) => {
  if (name === 'end') return void (await pool.end().then(() => parentPort?.close()))
  await restoreAuditContext(audit, () => write(name))
  parentPort?.postMessage(name)
})

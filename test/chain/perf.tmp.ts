import pg from 'pg'
import { sealAll } from '../../packages/core/src/seal/seal-all.ts'
import { migrate } from '../../packages/core/src/store/migrate.ts'
import { fromPgPool } from '../../packages/core/src/store/pg-database.ts'
import { verifyLog } from '../../packages/core/src/verify/verify-log.ts'

const [, , port, n, batch] = process.argv
const admin = new pg.Client(`postgres://postgres@127.0.0.1:${port}/postgres`)
await admin.connect()
await admin.query('drop database if exists chain_smoke with (force)')
await admin.query('create database chain_smoke')
const pool = new pg.Pool({ connectionString: `postgres://postgres@127.0.0.1:${port}/chain_smoke` })
const db = fromPgPool(pool)
await migrate(db)
await pool.query(
  `select indelible.log('insert','public','order',i::text,null,json_build_object('id',i,'note',repeat('x',150)),json_populate_record(null::indelible.context,'{"actor_id":"u_1","actor_type":"user","context":{"action":"x"}}')) from generate_series(1,${n}) i`,
)
await pool.query('vacuum analyze')
async function t(name, f) {
  const c = process.cpuUsage(),
    w = performance.now()
  const r = await f()
  const d = process.cpuUsage(c)
  const ms = performance.now() - w
  console.log(
    name,
    Math.round(ms),
    'ms',
    Math.round((n / ms) * 1000),
    'rows/s; node cpu us/row',
    ((d.user + d.system) / n).toFixed(1),
    'rss MB',
    Math.round(process.memoryUsage().rss / 1e6),
  )
  return r
}
await t('seal', () => sealAll(db, { batch: Number(batch) }))
await t('verify', () => verifyLog(db))
await t('verify', () => verifyLog(db, { pageSize: 5000 }))
await pool.query('insert into indelible.pending select 0 where false')
await pool.end()
await admin.query('drop database chain_smoke with (force)')
await admin.end()

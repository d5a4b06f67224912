import { once } from 'node:events'
import { auditBoss, auditJobHandler } from '@indelible/jobs/pg-boss'
import { AuditSubscriber, auditOf, runWithAuditContext } from '@indelible/typeorm'
import { type Job, PgBoss } from 'pg-boss'
import { DataSource } from 'typeorm'
import { Customer } from '../typeorm/entities.ts'

const url = process.env['DATABASE_URL'] ?? ''
const subscribers = [AuditSubscriber]
const dataSource = new DataSource({ type: 'postgres', url, entities: [Customer], subscribers })
await dataSource.initialize()

const boss = auditBoss(new PgBoss(url))
boss.on('error', console.error)
await boss.start()
await boss.createQueue('welcome')

const welcome = auditJobHandler(async ({ data }: Job<{ customerId: number }>) => {
  await dataSource.manager.update(Customer, { id: data.customerId }, { vip: true })
})
await boss.work('welcome', { pollingIntervalSeconds: 0.5 }, welcome)

// In a request: the customer and the job are committed together, or neither is.
const actor = { id: 'u_42', type: 'user' }
const { id } = await runWithAuditContext({ actor, correlationId: 'req-7', tenant: 'acme' }, () =>
  dataSource.transaction(async (manager) => {
    const data = { name: 'Ada', email: 'ada@example.com', passwordHash: 'scrypt$5f3a' }
    const customer = await manager.save(Customer, { ...data, updatedAt: new Date() })
    const executeSql = async (sql: string, values?: unknown[]) => ({ rows: await manager.query(sql, values) })
    await boss.send('welcome', { customerId: customer.id }, { db: { executeSql } })
    return customer
  }),
)

while ((await boss.findJobs('welcome', { data: { customerId: id } }))[0]?.state !== 'completed') {
  await once(AbortSignal.timeout(50), 'abort')
}
for await (const { op, actorId, correlationId, tenant, context } of auditOf(dataSource).history(
  'Customer',
  id,
)) {
  console.log(op, actorId, correlationId, tenant, context?.['metadata'])
}

await boss.stop()
await dataSource.destroy()

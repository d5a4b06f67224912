import { AuditSubscriber, auditOf, runWithAuditContext } from '@indelible/typeorm'
import { DataSource } from 'typeorm'
import { Customer } from './entities.ts'

const url = process.env['DATABASE_URL'] ?? ''
const subscribers = [AuditSubscriber]
const dataSource = new DataSource({ type: 'postgres', url, entities: [Customer], subscribers })
await dataSource.initialize()
const audit = auditOf(dataSource)

const actor = { id: 'u_42', type: 'user' }
const { id } = await runWithAuditContext({ actor, correlationId: 'req-7' }, async () => {
  const data = { name: 'Ada', email: 'ada@example.com', passwordHash: 'scrypt$5f3a' }
  const customer = await dataSource.manager.save(Customer, { ...data, updatedAt: new Date() })
  await dataSource.manager.update(Customer, { id: customer.id }, { vip: true })
  return customer
})

for await (const { op, actorId, before, after } of audit.history('Customer', id)) {
  console.log(op, actorId, before, after)
}

await audit.seal()
const { ok, size, findings } = await audit.verify()
console.log(ok, size, findings)

await dataSource.destroy()

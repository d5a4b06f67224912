import { AuditSubscriber, auditOf, runWithAuditContext } from '@indelible/mikro-orm'
import { MikroORM } from '@mikro-orm/postgresql'
import { Customer } from './entities.ts'

const clientUrl = process.env['DATABASE_URL'] ?? ''
const subscribers = [new AuditSubscriber()]
const orm = await MikroORM.init({ clientUrl, entities: [Customer], subscribers })
const audit = auditOf(orm)

const actor = { id: 'u_42', type: 'user' }
const { id } = await runWithAuditContext({ actor, correlationId: 'req-7' }, async () => {
  const em = orm.em.fork()
  const data = { name: 'Ada', email: 'ada@example.com', passwordHash: 'scrypt$5f3a' }
  const customer = em.create(Customer, data)
  await em.flush()
  customer.vip = true
  await em.flush()
  return customer
})

for await (const { op, actorId, before, after } of audit.history('Customer', id)) {
  console.log(op, actorId, before, after)
}

await audit.seal()
const { ok, size, findings } = await audit.verify()
console.log(ok, size, findings)

await orm.close()

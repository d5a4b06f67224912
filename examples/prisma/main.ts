import { auditExtension, runWithAuditContext } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../prisma/generated/client.ts'

const adapter = new PrismaPg({ connectionString: process.env['DATABASE_URL'] })
const prisma = new PrismaClient({ adapter }).$extends(auditExtension())
const audit = prisma.$audit

const actor = { id: 'u_42', type: 'user' }
const { id } = await runWithAuditContext({ actor, correlationId: 'req-7' }, async () => {
  const data = { name: 'Ada', email: 'ada@example.com', passwordHash: 'scrypt$5f3a' }
  const customer = await prisma.customer.create({ data })
  return prisma.customer.update({ where: { id: customer.id }, data: { vip: true } })
})

for await (const { op, actorId, before, after } of audit.history('Customer', id)) {
  console.log(op, actorId, before, after)
}

await audit.seal()
const { ok, size, findings } = await audit.verify()
console.log(ok, size, findings)

await prisma.$disconnect()

import { auditExtension, runWithAuditContext } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../prisma/generated/client.ts'

const adapter = new PrismaPg({ connectionString: process.env['DATABASE_URL'] })
const prisma = new PrismaClient({ adapter }).$extends(auditExtension())

const actor = { id: 'u_42', type: 'user' }
const customer = await runWithAuditContext({ actor, correlationId: 'req-7' }, async () => {
  const data = { name: 'Ada', email: 'ada@example.com', passwordHash: 'scrypt$5f3a' }
  const { id } = await prisma.customer.create({ data })
  return prisma.customer.update({ where: { id }, data: { vip: true } })
})

for await (const { op, actorId, before, after } of prisma.$audit.history('Customer', customer.id)) {
  console.log(op, actorId, before, after)
}

await prisma.$audit.seal()
const { ok, size, findings } = await prisma.$audit.verify()
console.log(ok, size, findings)

await prisma.$disconnect()

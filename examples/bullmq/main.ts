import { once } from 'node:events'
import { auditProcessor, auditQueue } from '@indelible/jobs/bullmq'
import { auditExtension, runWithAuditContext } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { type Job, Queue, Worker } from 'bullmq'
import { PrismaClient } from '../../prisma/generated/client.ts'

interface Welcome {
  readonly customerId: number
}

const adapter = new PrismaPg({ connectionString: process.env['DATABASE_URL'] })
const prisma = new PrismaClient({ adapter }).$extends(auditExtension())
const connection = { url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' }

const mails = auditQueue(new Queue<Welcome>('mails', { connection }))

const welcome = auditProcessor(async ({ data }: Job<Welcome>) => {
  await prisma.customer.update({ where: { id: data.customerId }, data: { vip: true } })
})
const worker = new Worker('mails', welcome, { connection })

// In a request:
const actor = { id: 'u_42', type: 'user' }
const { id } = await runWithAuditContext({ actor, correlationId: 'req-7', tenant: 'acme' }, async () => {
  const data = { name: 'Ada', email: 'ada@example.com', passwordHash: 'scrypt$5f3a' }
  const customer = await prisma.customer.create({ data })
  await mails.add('welcome', { customerId: customer.id })
  return customer
})

while ((await mails.getCompletedCount()) === 0) await once(AbortSignal.timeout(50), 'abort')
for await (const { op, actorId, correlationId, tenant, context } of prisma.$audit.history('Customer', id)) {
  console.log(op, actorId, correlationId, tenant, context?.['metadata'])
}

await worker.close()
await mails.close()
await prisma.$disconnect()

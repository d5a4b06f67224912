import { auditPlugin } from '@indelible/http/fastify'
import { actorFromJwt } from '@indelible/http/jwt'
import { auditExtension } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import fastify from 'fastify'
import { PrismaClient } from '../../prisma/generated/client.ts'

const adapter = new PrismaPg({ connectionString: process.env['DATABASE_URL'] })
const prisma = new PrismaClient({ adapter }).$extends(auditExtension())

const actor = actorFromJwt({ secret: process.env['JWT_SECRET'] ?? '', algorithms: ['HS256'] })

const app = fastify()
await app.register(auditPlugin, { audit: prisma.$audit, actor }) // awaited, before other plugins and routes

app.post<{ Body: { name: string; email: string } }>('/customers', async (request, reply) => {
  const { name, email } = request.body
  const customer = await prisma.customer.create({ data: { name, email, passwordHash: 'none yet' } })
  return reply.code(201).send({ id: customer.id })
})

app.get<{ Params: { id: string } }>('/customers/:id/history', async (request) => {
  const history = []
  for await (const entry of prisma.$audit.history('Customer', Number(request.params.id))) history.push(entry)
  return history
})

await app.listen({ port: Number(process.env['PORT'] ?? 3000) })
console.log('listening at', app.server.address())

process.once('SIGTERM', async () => {
  await app.close() // waits for the events that are being written
  await prisma.$disconnect()
})

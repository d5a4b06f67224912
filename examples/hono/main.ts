import { serve } from '@hono/node-server'
import { actorFromUser } from '@indelible/http'
import { auditMiddleware, identifyMiddleware } from '@indelible/http/hono'
import { auditExtension } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { Hono } from 'hono'
import { jwt } from 'hono/jwt'
import { PrismaClient } from '../../prisma/generated/client.ts'

const adapter = new PrismaPg({ connectionString: process.env['DATABASE_URL'] })
const prisma = new PrismaClient({ adapter }).$extends(auditExtension())

const app = new Hono()
const audited = auditMiddleware({ audit: prisma.$audit, actor: actorFromUser() })
app.use(audited) // before everything that writes

const authenticate = jwt({ secret: process.env['JWT_SECRET'] ?? '', alg: 'HS256' })
app.use((context, next) => (context.req.header('authorization') ? authenticate(context, next) : next()))
app.use(identifyMiddleware()) // behind your authentication, where the user is known

app.post('/customers', async (context) => {
  const { name, email } = await context.req.json()
  const customer = await prisma.customer.create({ data: { name, email, passwordHash: 'none yet' } })
  return context.json({ id: customer.id }, 201)
})

app.get('/customers/:id/history', async (context) => {
  const history = []
  for await (const entry of prisma.$audit.history('Customer', Number(context.req.param('id'))))
    history.push(entry)
  return context.json(history)
})

const server = serve({ fetch: app.fetch, port: Number(process.env['PORT'] ?? 3000) }, (address) => {
  console.log('listening at', address)
})

process.once('SIGTERM', () => {
  server.close(async () => {
    await audited.settled()
    await prisma.$disconnect()
  })
})

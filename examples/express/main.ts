import { auditMiddleware, errorMiddleware } from '@indelible/http/express'
import { actorFromJwt } from '@indelible/http/jwt'
import { auditExtension } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import express from 'express'
import { PrismaClient } from '../../prisma/generated/client.ts'

const adapter = new PrismaPg({ connectionString: process.env['DATABASE_URL'] })
const prisma = new PrismaClient({ adapter }).$extends(auditExtension())

const actor = actorFromJwt({ secret: process.env['JWT_SECRET'] ?? '', algorithms: ['HS256'] })
const audited = auditMiddleware({ audit: prisma.$audit, actor })

const app = express()
app.use(audited) // before everything that writes, body parsers too
app.use(express.json())

app.post('/customers', async (request, response) => {
  const { name, email } = request.body
  const customer = await prisma.customer.create({ data: { name, email, passwordHash: 'none yet' } })
  response.status(201).json({ id: customer.id })
})

app.get('/customers/:id/history', async (request, response) => {
  const history = []
  for await (const entry of prisma.$audit.history('Customer', Number(request.params.id))) history.push(entry)
  response.json(history)
})

app.use(errorMiddleware()) // before your own error handler: events tell the name of the error

const server = app.listen(Number(process.env['PORT'] ?? 3000), () => {
  console.log('listening at', server.address())
})

process.once('SIGTERM', () => {
  server.close(async () => {
    await audited.settled()
    await prisma.$disconnect()
  })
})

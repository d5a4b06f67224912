import { json } from 'node:stream/consumers'
import { actorFromUser } from '@indelible/http'
import { auditMiddleware, identifyMiddleware } from '@indelible/http/koa'
import { AuditSubscriber, auditOf } from '@indelible/typeorm'
import Router from '@koa/router'
import Koa from 'koa'
import { DataSource } from 'typeorm'
import { Customer } from '../typeorm/entities.ts'
import { findSession } from './sessions.ts'

const url = process.env['DATABASE_URL'] ?? ''
const subscribers = [AuditSubscriber]
const dataSource = new DataSource({ type: 'postgres', url, entities: [Customer], subscribers })
await dataSource.initialize()
const audit = auditOf(dataSource)

const app = new Koa()
const audited = auditMiddleware({ audit, actor: actorFromUser() })
app.use(audited) // before everything that writes

app.use(async (context, next) => {
  context.state['user'] = await findSession(context.cookies.get('session'))
  await next()
})
app.use(identifyMiddleware()) // behind your authentication, where the user is known

const router = new Router()

router.post('/customers', async (context) => {
  // One-line bridge: an application would check what it is sent.
  const { name, email } = (await json(context.req)) as { name: string; email: string }
  const data = { name, email, passwordHash: 'none yet', updatedAt: new Date() }
  const customer = await dataSource.manager.save(Customer, data)
  context.status = 201
  context.body = { id: customer.id }
})

router.get('/customers/:id/history', async (context) => {
  const history = []
  for await (const entry of audit.history('Customer', Number(context['params']['id']))) history.push(entry)
  context.body = history
})

app.use(router.routes())

const server = app.listen(Number(process.env['PORT'] ?? 3000), () => {
  console.log('listening at', server.address())
})

process.once('SIGTERM', () => {
  server.close(async () => {
    await audited.settled()
    await dataSource.destroy()
  })
})

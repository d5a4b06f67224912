import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { actorFromApiKey, hashApiKey } from '@indelible/http'
import { auditHandler } from '@indelible/http/node'
import { AuditSubscriber, auditOf } from '@indelible/mikro-orm'
import { MikroORM } from '@mikro-orm/postgresql'
import { Customer } from '../mikro-orm/entities.ts'

const clientUrl = process.env['DATABASE_URL'] ?? ''
const orm = await MikroORM.init({ clientUrl, entities: [Customer], subscribers: [new AuditSubscriber()] })
const audit = auditOf(orm)

const keys = { u_42: hashApiKey(process.env['API_KEY'] ?? '') }
const audited = auditHandler({ audit, actor: actorFromApiKey({ keys }) }, answer)

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  const [, id] = /^\/customers\/(\d+)\/history$/.exec(pathname) ?? []
  if (request.method === 'POST' && pathname === '/customers') return createCustomer(request, response)
  if (request.method === 'GET' && id !== undefined) return showHistory(Number(id), response)
  send(response, 404, { error: 'not found' })
}

async function createCustomer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const em = orm.em.fork()
  // One-line bridge: an application would check what it is sent.
  const { name, email } = (await json(request)) as { name: string; email: string }
  const customer = em.create(Customer, { name, email, passwordHash: 'none yet' })
  await em.flush()
  send(response, 201, { id: customer.id })
}

async function showHistory(id: number, response: ServerResponse): Promise<void> {
  const history = []
  for await (const entry of audit.history('Customer', id)) history.push(entry)
  send(response, 200, history)
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const server = http.createServer((request, response) => {
  audited(request, response).catch((error) => {
    console.error(error)
    if (!response.headersSent) send(response, 500, { error: 'something went wrong' })
  })
})
server.listen(Number(process.env['PORT'] ?? 3000), () => console.log('listening at', server.address()))

process.once('SIGTERM', () => {
  server.close(async () => {
    await audited.settled()
    await orm.close()
  })
})

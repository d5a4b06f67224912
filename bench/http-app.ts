import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Audit } from '@indelible/core'
import { tryGetHeader } from '@indelible/http'
import { auditMiddleware, type ExpressAuditMiddleware } from '@indelible/http/express'
import express from 'express'

/** What stands in front of the same routes: nothing, the middleware, or the middleware that writes events. */
export const httpVariants = ['plain', 'context', 'events'] as const

/** One of them. */
export type HttpVariant = (typeof httpVariants)[number]

/** A running application of Express. */
export interface BenchApp {
  /** Sends so many requests, by as many clients at once as there are connections. */
  request(method: 'GET' | 'POST', count: number): Promise<void>
  /** Waits for the events of the requests so far: they belong to what a request costs. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** Connections to each application. */
const connections = 8

/** Starts an application whose POST makes one write. */
export async function startBenchApp(
  variant: HttpVariant,
  audit: Audit,
  write: () => Promise<unknown>,
): Promise<BenchApp> {
  const audited = middlewareOf(variant, audit)
  const app = express()
  if (audited !== undefined) app.use(audited)
  app.use(express.json())
  app.get('/orders/:id', (request, response) => void response.json({ id: request.params.id }))
  app.post('/orders/:id', async (request, response) => {
    await write()
    response.status(201).json({ id: request.params.id })
  })
  const server = http.createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections })
  return {
    request: (method, count) => sendMany({ agent, port, method }, count),
    settled: async () => audited?.settled(),
    async close() {
      agent.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function middlewareOf(variant: HttpVariant, audit: Audit): ExpressAuditMiddleware | undefined {
  if (variant === 'plain') return undefined
  const events = variant === 'events' ? { audit } : {}
  return auditMiddleware({ ...events, actor: (request) => ({ id: tryGetHeader(request, 'x-user') ?? '' }) })
}

interface Target {
  readonly agent: http.Agent
  readonly port: number
  readonly method: string
}

async function sendMany(target: Target, count: number): Promise<void> {
  let left = count
  const client = async () => {
    while (left > 0) {
      left -= 1
      await sendOne(target)
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
}

function sendOne({ agent, port, method }: Target): Promise<void> {
  return new Promise((resolve, reject) => {
    const body = method === 'POST' ? '{"status":"PAID","note":"as agreed"}' : ''
    const headers = {
      'x-user': 'user-7',
      'content-type': 'application/json',
      'content-length': body.length,
    }
    const request = http.request({ agent, port, method, headers, path: '/orders/7?expand=lines' })
    request.on('error', reject).on('response', (response) => {
      if ((response.statusCode ?? 500) >= 400) reject(new Error(`status ${response.statusCode}`))
      response.resume().on('end', resolve).on('error', reject)
    })
    request.end(body)
  })
}

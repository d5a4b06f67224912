import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import type { HttpFramework, RunningApp, TestApp } from '../support/http-framework.ts'
import { options } from './audit-options.ts'

/** What a client sends. */
export interface Sent {
  readonly method?: string
  readonly user?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  readonly signal?: AbortSignal
}

/** What a client got, and the id under which the trail has it. */
export interface Got {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly correlationId: string
}

/** Sends one request with `fetch` and reads the answer whole. */
export async function send(url: string, { user, json, headers, ...rest }: Sent = {}): Promise<Got> {
  const given = headers?.['x-request-id'] ?? randomUUID()
  const response = await fetch(url, {
    ...rest,
    headers: {
      'x-request-id': given,
      ...(user !== undefined && { 'x-user': user }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  })
  return {
    status: response.status,
    headers: response.headers,
    text: await response.text(),
    correlationId: response.headers.get('x-correlation-id') ?? given,
  }
}

/** Writes bytes to the server as they are; nothing checks them. */
export async function connect(url: string): Promise<net.Socket> {
  const { hostname, port } = new URL(url)
  const socket = net.connect(Number(port), hostname)
  await once(socket, 'connect')
  return socket
}

/** Reads a socket until the server closes it. */
export async function readAll(socket: net.Socket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

/** Runs a test with an application of the framework, which is closed whatever comes. */
export async function withApp(
  framework: HttpFramework,
  app: Partial<TestApp>,
  work: (running: RunningApp, errors: readonly unknown[]) => Promise<void>,
): Promise<void> {
  const errors: unknown[] = []
  const running = await framework.start({
    audit: options,
    routes: [],
    onError: (error) => errors.push(error),
    ...app,
  })
  try {
    await work(running, errors)
    await running.settled()
  } finally {
    await running.close()
  }
}

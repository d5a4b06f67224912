import { inspect } from 'node:util'
import type { HttpAuditOptions } from '@indelible/http'
import express from 'express'
import { skuOf } from '../../conformance/suite/orm-under-test.ts'
import type { Sent } from '../../http/suite/client.ts'
import { send, withApp } from '../../http/suite/client.ts'
import type { HttpShop } from '../../http/suite/shop.ts'
import { expressFramework } from '../../http/support/express-app.ts'
import type { RunningApp, TestCall, TestRoute } from '../../http/support/http-framework.ts'

/** The framework of the attacks: what they meet is the core that all frameworks share. */
export const framework = expressFramework('Express 5', express)

/** A route that writes a row, after `work`. */
export function writingRoute(shop: () => HttpShop, work: (call: TestCall) => unknown = () => {}): TestRoute {
  return {
    method: 'POST',
    path: '/orders/:id',
    async handle(call) {
      await work(call)
      await shop().clients.prisma.createProduct({ sku: skuOf('attacked') })
      return { status: 201, json: {} }
    },
  }
}

/** What one request came to. */
export interface Attacked {
  readonly status: number
  /** The row's entry and the request's own, where there are any. */
  readonly entries: Awaited<ReturnType<HttpShop['entriesOf']>>
}

/** Sends one request to an application with the given identity options, and reads its entries. */
export async function attack(
  shop: () => HttpShop,
  audit: HttpAuditOptions,
  { path = '/orders/1', ...sent }: Sent & { readonly path?: string },
): Promise<Attacked> {
  let attacked: Attacked | undefined
  await withShop(shop, audit, async ({ url, settled }) => {
    const { status, correlationId } = await send(`${url}${path}`, { method: 'POST', ...sent })
    await settled()
    attacked = { status, entries: await shop().entriesOf(correlationId) }
  })
  if (attacked === undefined) throw new Error('the request was not sent')
  return attacked
}

/** Runs an application whose one route writes a row, and whose requests leave events. */
export async function withShop(
  shop: () => HttpShop,
  audit: HttpAuditOptions,
  work: (app: RunningApp) => Promise<void>,
): Promise<void> {
  const routes = [writingRoute(shop)]
  await withApp(framework, { audit: { audit: shop().audit, ...audit }, routes }, work)
}

/** Everything that the audit tables hold, as text. */
export async function readTrail({ database }: HttpShop): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'indelible'`,
  )
  const texts = tables.map(({ name }) => database.query(`select t::text as row from ${name} t`))
  return inspect(await Promise.all(texts), { depth: 9, maxArrayLength: null, maxStringLength: null })
}

/** Listens to all that the process says: both streams and warnings. Call the result to end it and read what was said. */
export function listenToProcess(): () => string {
  const said: string[] = []
  const streams = [process.stdout, process.stderr]
  const writers = streams.map((stream) => stream.write)
  for (const [at, stream] of streams.entries()) {
    stream.write = ((chunk: unknown, ...rest: unknown[]) => {
      said.push(String(chunk))
      return Reflect.apply(writers[at] ?? (() => true), stream, [chunk, ...rest])
    }) as typeof stream.write
  }
  const methods = ['log', 'info', 'warn', 'error', 'debug'] as const
  const consoles = methods.map((method) => console[method])
  for (const method of methods)
    console[method] = (...args: unknown[]) => said.push(inspect(args, { depth: 9 }))
  const onWarning = (warning: Error) => said.push(inspect(warning, { depth: 9, showHidden: true }))
  process.on('warning', onWarning)
  return () => {
    process.off('warning', onWarning)
    for (const [at, stream] of streams.entries()) stream.write = writers[at] ?? stream.write
    for (const [at, method] of methods.entries()) console[method] = consoles[at] ?? console[method]
    return said.join('\n')
  }
}

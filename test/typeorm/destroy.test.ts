import { once } from 'node:events'
import net from 'node:net'
import { AuditSubscriber, type AuditWarning } from '@indelible/typeorm'
import type { DataSource } from 'typeorm'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createSignal } from '../support/signal.ts'
import { type AuditedShop, createAuditedShop } from './support/audited-shop.ts'

let shop: AuditedShop

beforeAll(async () => {
  shop = await createAuditedShop()
  await shop.database.query('create table account (id int primary key, balance int not null)')
})

afterAll(() => shop?.close())

const warnings: AuditWarning[] = []
const audited = [
  AuditSubscriber.with({ seal: { interval: 10 }, onWarning: (warning) => void warnings.push(warning) }),
]

describe('destroying a data source with work under way', () => {
  test.each([
    ['audited', audited],
    ['plain', []],
  ])('leaves the tables as they were before transactions that are half done: %s', async (_, subscribers) => {
    await shop.database.query('truncate account')
    await shop.database.query('insert into account select id, 100 from generate_series(1, 20) as id')
    const db = await shop.open({ subscribers, poolSize: 10 })
    const transfers = await beginTransfers(db)
    if (subscribers.length > 0) await untilSealerWaits(db)
    await db.destroy()
    transfers.goOn()
    await transfers.ended
    expect(await shop.database.query('select from account where balance <> 100')).toEqual([])
    expect(warnings).toEqual([])
  })
})

/** Ten requests, each half way through a transfer. */
async function beginTransfers(db: DataSource) {
  const rest = createSignal()
  const begun: Promise<void>[] = []
  const transfers = Array.from({ length: 10 }, (_, request) => {
    const half = createSignal()
    begun.push(half.given)
    return db.transaction(async (manager) => {
      await manager.query('update account set balance = balance - 50 where id = $1', [request + 1])
      half.give()
      await rest.given
      await manager.query('update account set balance = balance + 50 where id = $1', [request + 11])
    })
  })
  const ended = Promise.allSettled(transfers)
  await Promise.all(begun)
  return { goOn: rest.give, ended }
}

async function untilSealerWaits(db: DataSource): Promise<void> {
  const pool = (db.driver as unknown as { master: { waitingCount: number } }).master
  await expect.poll(() => pool.waitingCount).toBeGreaterThan(0)
}

test('a database that has gone silent keeps a data source from being destroyed for five seconds at most', async () => {
  const proxy = await createProxy(new URL(shop.database.url))
  const db = await shop.open({ url: proxy.url, subscribers: audited })
  await db.query('select 1')
  proxy.silence()
  const { master } = db.driver as unknown as { master: { totalCount: number; idleCount: number } }
  await expect.poll(() => master.totalCount - master.idleCount).toBe(1)
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const destroyed = db.destroy()
  await vi.advanceTimersByTimeAsync(5000)
  vi.useRealTimers()
  await destroyed
  expect(warnings).toEqual([])
  proxy.close()
})

/** What stands between a client and the database until it falls silent. */
async function createProxy(database: URL) {
  const sockets: net.Socket[] = []
  const server = net.createServer((near) => {
    const far = net.connect(Number(database.port), database.hostname)
    sockets.push(near, far)
    for (const socket of [near, far]) socket.on('error', () => undefined)
    near.pipe(far).pipe(near)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = new URL(database)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as net.AddressInfo).port)
  return {
    url: url.href,
    silence: () => {
      for (const socket of sockets) socket.unpipe().pause()
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

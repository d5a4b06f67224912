import { AuditSubscriber, type AuditWarning } from '@indelible/mikro-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSignal } from '../support/signal.ts'
import { type AuditedShop, createAuditedShop } from './support/audited-shop.ts'
import { Tag } from './support/shop-entities.ts'

let shop: AuditedShop

beforeAll(async () => {
  shop = await createAuditedShop()
})

afterAll(() => shop.close())

test.each(['commits', 'fails'] as const)(
  'an ORM that is closed waits for a transaction under way, which %s',
  async (ends) => {
    const warnings: AuditWarning[] = []
    const onWarning = (warning: AuditWarning) => void warnings.push(warning)
    const subscribers = [new AuditSubscriber({ seal: { interval: 10 }, onWarning })]
    const orm = await shop.init({ subscribers, pool: { max: 1 } })
    const [half, rest] = [createSignal(), createSignal()]
    const transaction = orm.em.fork().transactional(async (em) => {
      await em.insert(Tag, { name: ends })
      half.give()
      await rest.given
      if (ends === 'fails') throw new Error('no')
    })
    await half.given
    const pool = await orm.em.getConnection().getNativeClient()
    // The sealer.
    await expect.poll(() => pool.waitingCount).toBe(1)
    const closed = orm.close()
    rest.give()
    await Promise.allSettled([transaction])
    await closed
    const rows = await shop.database.query('select from "Tag" where name = $1', [ends])
    expect(rows).toHaveLength(ends === 'commits' ? 1 : 0)
    expect(warnings).toEqual([])
  },
)

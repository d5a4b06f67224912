import { runWithAuditContext } from '@indelible/core'
import type { Payments } from './open-payments.ts'
import type { Shop } from './open-shop.ts'
import type { Orm } from './orm.ts'
import type { Services } from './services.ts'

interface Job {
  readonly orm: Orm
  readonly correlationId: string
  readonly actorId: string
}

const PRICES: Job = { orm: 'Prisma', correlationId: 'job-prices-1', actorId: 'nightly-prices' }
const REMINDERS: Job = { orm: 'TypeORM', correlationId: 'job-reminders-1', actorId: 'nightly-reminders' }

/** What the jobs' entries are found by. */
export const NIGHTLY_JOBS: readonly Job[] = [PRICES, REMINDERS]

/** Works while the requests are served, and on the same rows: bulk writes, raw SQL and upserts, under one actor for each job. */
export async function runNightlyJobs({ shop, payments }: Services): Promise<void> {
  await Promise.all([run(PRICES, () => refreshPrices(shop)), run(REMINDERS, () => remindDebtors(payments))])
}

function run({ orm, correlationId, actorId }: Job, work: () => Promise<void>): Promise<void> {
  const actor = { id: actorId, type: 'job' }
  return runWithAuditContext({ actor, correlationId, action: 'job.run', metadata: { orm } }, work)
}

async function refreshPrices(shop: Shop): Promise<void> {
  await shop.$executeRaw`update "list_price" set "amount" = round("amount" * 0.95, 2) where "currency" = ${'SEK'}`
  await shop.listPrice.updateMany({
    where: { currency: 'EUR', amount: { lt: 20 } },
    data: { note: 'minimum price' },
  })
  for (let productId = 1; productId <= 40; productId += 1) {
    await shop.listPrice.upsert({
      where: { productId_currency: { productId, currency: productId % 2 ? 'EUR' : 'NOK' } },
      create: { productId, currency: 'NOK', amount: 99 },
      update: { validUntil: new Date('2030-12-31') },
    })
    await shop.product.update({ where: { id: productId }, data: { price: { multiply: 0.97 } } })
  }
  await shop.listPrice.deleteMany({ where: { currency: 'SEK', amount: { lt: 60 } } })
}

async function remindDebtors(payments: Payments): Promise<void> {
  for (const days of [40, 20, 7]) await payments.remind(days)
}

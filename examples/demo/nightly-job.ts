import { runWithAuditContext } from '@indelible/prisma'
import type { Shop } from './open-shop.ts'

/** What the job's entries are found by. */
export const NIGHTLY_JOB = { correlationId: 'job-nightly-1', actorId: 'nightly-prices' }

/** Reprices and tidies the shop while the requests are served: bulk writes, raw SQL and upserts under one actor. */
export async function runNightlyJob(shop: Shop): Promise<void> {
  const actor = { id: NIGHTLY_JOB.actorId, type: 'job' }
  await runWithAuditContext(
    { actor, correlationId: NIGHTLY_JOB.correlationId, action: 'prices.refresh' },
    async () => {
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
    },
  )
}

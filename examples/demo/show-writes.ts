import { fromPgPool, migrate, type NoteSigner } from '@indelible/core'
import pg from 'pg'
import { withDatabase } from '../../test/support/database-url.ts'
import { createShopSchema } from '../../test/support/shop-schema.ts'
import { checkTrail } from './check-trail.ts'
import { fillShop } from './fill.ts'
import { runNightlyJob } from './nightly-job.ts'
import { openShop, type Shop } from './open-shop.ts'
import { tellOrderStory } from './order-story.ts'
import type { Printer } from './print.ts'
import { createRandom } from './random.ts'
import { planRequests, type ShopIds } from './requests.ts'
import { runSql } from './run-sql.ts'
import { serveRequests } from './traffic.ts'

/** Sets up the shop, fills it, serves requests beside a nightly job, and checks what the trail says about it all. */
export async function showWrites(
  serverUrl: string,
  signer: NoteSigner,
  print: Printer,
): Promise<{ shop: Shop; orderId: number }> {
  const url = withDatabase(serverUrl, 'shop')
  const pool = new pg.Pool({ connectionString: url })
  try {
    await createTables(serverUrl, pool)
    const shop = openShop(url, signer)
    const random = createRandom(1983)
    const timer = startTimer()
    await fillShop(shop, random)
    print.step('An import job fills the shop', timer())

    const requests = planRequests(await readIds(shop), random)
    const [traffic, , orderId] = await Promise.all([
      serveRequests(shop, requests),
      runNightlyJob(shop),
      tellOrderStory(shop),
    ])
    print.step(`${requests.length} web requests, eight at a time, beside the nightly job`, timer())
    await checkTrail(pool, traffic, print)
    return { shop, orderId }
  } finally {
    await pool.end()
  }
}

async function createTables(serverUrl: string, pool: pg.Pool): Promise<void> {
  await runSql(serverUrl, 'create database shop')
  await createShopSchema(withDatabase(serverUrl, 'shop'))
  await migrate(fromPgPool(pool))
}

async function readIds(shop: Shop): Promise<ShopIds> {
  const select = { id: true }
  const [orders, customers, products] = await Promise.all([
    shop.order.findMany({ select }),
    shop.customer.findMany({ select }),
    shop.product.findMany({ select }),
  ])
  const toId = ({ id }: { id: number }) => id
  return { orders: orders.map(toId), customers: customers.map(toId), products: products.map(toId) }
}

/** Each call tells the seconds since the last one. */
function startTimer(): () => string {
  let last = Date.now()
  return () => {
    const seconds = (Date.now() - last) / 1000
    last = Date.now()
    return `${seconds.toFixed(1)} s`
  }
}

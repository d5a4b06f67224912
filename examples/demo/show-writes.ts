import pg from 'pg'
import { checkTrail } from './check-trail.ts'
import { fillShop } from './fill.ts'
import { runNightlyJobs } from './nightly-jobs.ts'
import type { Shop } from './open-shop.ts'
import { type OrderStory, tellOrderStory } from './order-story.ts'
import type { Printer } from './print.ts'
import { createRandom } from './random.ts'
import { planRequests, type ShopIds } from './requests.ts'
import { listTrails, type Services } from './services.ts'
import { serveRequests, type TrafficReport } from './traffic.ts'

/** Fills the shop, serves requests to all services beside nightly jobs, and checks what the trail at `url` says about it all. */
export async function showWrites(services: Services, url: string, print: Printer): Promise<OrderStory> {
  const { shop, warehouse } = services
  const random = createRandom(1983)
  const timer = startTimer()
  await fillShop(shop, random)
  print.step('An import job fills the shop', `Prisma, ${timer()}`)

  const requests = planRequests(await readIds(shop), { random, ships: warehouse !== undefined })
  const [traffic, , story] = await Promise.all([
    serveRequests(services, requests),
    runNightlyJobs(services),
    tellOrderStory(services),
  ])
  const orms = listTrails(services)
    .map(({ orm }) => orm)
    .join(', ')
  print.step(`${requests.length} requests, eight at a time, beside two nightly jobs`, `${orms}, ${timer()}`)
  await checkWrites(url, traffic, print)
  return story
}

async function checkWrites(url: string, traffic: TrafficReport, print: Printer): Promise<void> {
  const pool = new pg.Pool({ connectionString: url })
  try {
    await checkTrail(pool, traffic, print)
  } finally {
    await pool.end()
  }
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

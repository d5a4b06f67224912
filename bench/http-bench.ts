import { performance } from 'node:perf_hooks'
import { auditExtension } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../prisma/generated/client.ts'
import { createBenchDatabase } from './bench-database.ts'
import { type BenchApp, type HttpVariant, httpVariants, startBenchApp } from './http-app.ts'
import { median, medianRatio } from './median.ts'

/** One kind of request, as ratios to the same application without the middleware. */
export interface HttpRow {
  readonly name: string
  /** Median time of a request without it, in microseconds, as the client sees it under load: for orientation only. */
  readonly plain: number
  /** By variant: time, and processor time of client and server, which share a process. */
  readonly ratios: Readonly<Partial<Record<HttpVariant, HttpRatio>>>
}

/** Ratios of a variant to the plain application. */
export interface HttpRatio {
  readonly time: number
  readonly cpu: number
}

const operations = [
  { name: 'GET that writes nothing', method: 'GET', count: 800, variants: ['plain', 'context'] },
  { name: 'POST with one audited write', method: 'POST', count: 240, variants: httpVariants },
] as const

type Operation = (typeof operations)[number]

interface Sample {
  readonly time: number
  readonly cpu: number
}

/** Measures requests with and without the middleware, all variants in turn within every round, in changing order. */
export async function runHttpBench(
  serverUrl: string,
  { rounds }: { readonly rounds: number },
): Promise<readonly HttpRow[]> {
  const database = await createBenchDatabase(serverUrl, 'bench_http')
  const adapter = new PrismaPg({ connectionString: database.url, max: 10 })
  const prisma = new PrismaClient({ adapter }).$extends(auditExtension({ seal: false }))
  let stock = 0
  const write = () => {
    stock += 1
    return prisma.product.update({ where: { id: 1 + (stock % 2000) }, data: { stock } })
  }
  const apps = new Map<HttpVariant, BenchApp>()
  for (const variant of httpVariants) apps.set(variant, await startBenchApp(variant, prisma.$audit, write))
  try {
    const rows: HttpRow[] = []
    for (const operation of operations) rows.push(await measureOperation(apps, operation, rounds))
    return rows
  } finally {
    for (const app of apps.values()) await app.close()
    await prisma.$disconnect()
    await database.end()
  }
}

async function measureOperation(
  apps: ReadonlyMap<HttpVariant, BenchApp>,
  operation: Operation,
  rounds: number,
): Promise<HttpRow> {
  const { name, variants } = operation
  const samples = new Map<HttpVariant, Sample[]>(variants.map((variant) => [variant, []]))
  // Round 0 warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const at of variants.keys()) {
      const variant = variants[(at + round) % variants.length]
      const app = variant && apps.get(variant)
      if (variant === undefined || app === undefined) continue
      const sample = await measureApp(app, operation)
      if (round > 0) samples.get(variant)?.push(sample)
    }
  }
  return toRow(name, samples)
}

async function measureApp(app: BenchApp, { method, count }: Operation): Promise<Sample> {
  const [start, used] = [performance.now(), process.cpuUsage()]
  await app.request(method, count)
  await app.settled()
  const { user, system } = process.cpuUsage(used)
  return { time: ((performance.now() - start) * 1000) / count, cpu: (user + system) / count }
}

function toRow(name: string, samples: ReadonlyMap<HttpVariant, readonly Sample[]>): HttpRow {
  const of = (variant: HttpVariant, figure: keyof Sample) =>
    (samples.get(variant) ?? []).map((sample) => sample[figure])
  const ratios: Partial<Record<HttpVariant, HttpRatio>> = {}
  for (const variant of samples.keys()) {
    if (variant === 'plain') continue
    ratios[variant] = {
      time: medianRatio(of(variant, 'time'), of('plain', 'time')),
      cpu: medianRatio(of(variant, 'cpu'), of('plain', 'cpu')),
    }
  }
  return { name, plain: median(of('plain', 'time')), ratios }
}

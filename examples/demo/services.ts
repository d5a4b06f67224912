import type { NoteSigner } from '@indelible/core'
import { openPayments, type Payments } from './open-payments.ts'
import { openShop, type Shop } from './open-shop.ts'
import type { Warehouse } from './open-warehouse.ts'
import type { OrmTrail } from './orm.ts'

/** One shop, written with three ORMs on one database. */
export interface Services {
  readonly shop: Shop
  readonly payments: Payments
  /** Undefined where this Node.js is too old for MikroORM. */
  readonly warehouse: Warehouse | undefined
}

/** Whether this Node.js has what MikroORM 7.2 asks for: 22.17. */
export function canRunMikroOrm(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 17)
}

/** Opens all three, each with a pool and a sealer of its own. */
export async function openServices(url: string, signer: NoteSigner): Promise<Services> {
  return {
    shop: openShop(url, signer),
    payments: await openPayments(url, signer),
    warehouse: canRunMikroOrm(process.versions.node) ? await importWarehouse(url, signer) : undefined,
  }
}

/** Imported only here: an older Node.js could not load it. */
async function importWarehouse(url: string, signer: NoteSigner): Promise<Warehouse> {
  const { openWarehouse } = await import('./open-warehouse.ts')
  return openWarehouse(url, signer)
}

/** Closes all three. */
export async function closeServices({ shop, payments, warehouse }: Services): Promise<void> {
  await Promise.all([shop.$disconnect(), payments.close(), warehouse?.close()])
}

/** The one trail, as each ORM reads it. */
export function listTrails({ shop, payments, warehouse }: Services): [OrmTrail, ...OrmTrail[]] {
  return [
    { orm: 'Prisma', audit: shop.$audit },
    { orm: 'TypeORM', audit: payments.audit },
    ...(warehouse === undefined ? [] : [{ orm: 'MikroORM' as const, audit: warehouse.audit }]),
  ]
}

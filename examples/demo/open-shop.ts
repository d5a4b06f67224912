import type { NoteSigner } from '@indelible/core'
import { auditExtension } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../prisma/generated/client.ts'

/** The Prisma client of the shop, audited. */
export type Shop = ReturnType<typeof openShop>

/** Opens a shop. The `$extends` is all that an application adds; the signer makes its checkpoints evidence. */
export function openShop(url: string, signer: NoteSigner) {
  const adapter = new PrismaPg({ connectionString: url })
  return new PrismaClient({ adapter }).$extends(auditExtension({ seal: { signer } }))
}

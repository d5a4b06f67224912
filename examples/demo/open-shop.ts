import { auditExtension } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../prisma/generated/client.ts'

/** The Prisma client of the shop. Its `$extends` is the one line that an application adds. */
export type Shop = ReturnType<typeof openShop>

export function openShop(url: string) {
  const adapter = new PrismaPg({ connectionString: url })
  return new PrismaClient({ adapter }).$extends(auditExtension({}))
}

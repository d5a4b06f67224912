// Writes inside a transaction and waits to be killed.
import { runWithAuditContext } from '@indelible/prisma'
import { createAuditedClient } from './audited-shop.ts'

const [url = ''] = process.argv.slice(2)
const address = new URL(url)
address.searchParams.set('application_name', 'write-and-hang')
const prisma = createAuditedClient(address.href)

await runWithAuditContext({ actor: { id: 'doomed' } }, () =>
  prisma.$transaction(
    async (tx) => {
      await tx.$executeRaw`update account set balance = 0`
      await tx.tag.create({ data: { name: 'never' } })
      console.log('written, not committed')
      await new Promise((resolve) => setTimeout(resolve, 60_000))
    },
    { timeout: 60_000 },
  ),
)

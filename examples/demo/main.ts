// npm run demo: a web shop on Prisma and a throw-away PostgreSQL, its audit trail, and what happens to those who tamper with it.
// npm run demo -- 15: the same on PostgreSQL 15.
import { generateNoteKey, parseSigningKey } from '@indelible/core'
import { startPostgres } from '../../test/support/embedded-postgres.ts'
import { createPrinter } from './print.ts'
import { showDamage } from './show-damage.ts'
import { showTrail } from './show-trail.ts'
import { showWrites } from './show-writes.ts'

const started = Date.now()
const print = createPrinter()
const { signingKey, verifierKey } = generateNoteKey('shop.example')

// The server notices that this process is gone, stops and removes its data.
process.once('SIGINT', () => process.exit(130))

const major = process.argv[2] === '15' ? 15 : 18
const server = await startPostgres({ major })
try {
  print.title(`Indelible: the audit trail of a web shop, on Prisma and a throw-away PostgreSQL ${major}`)
  const { shop, orderId } = await showWrites(server.url, parseSigningKey(signingKey), print)
  const checkpoint = await showTrail(shop, { orderId, verifierKey }, print)
  await shop.$disconnect()
  await showDamage(server.url, { checkpoint, verifierKey }, print)
} finally {
  await server.stop()
}

const { claims, failed } = print.score()
const seconds = ((Date.now() - started) / 1000).toFixed(0)
print.title(
  `${claims - failed} of ${claims} claims proved in ${seconds} s; the server and its data are gone.`,
)
process.exitCode = failed === 0 ? 0 : 1

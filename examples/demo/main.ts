// npm run demo: a shop on Prisma, TypeORM and MikroORM and one throw-away PostgreSQL, its one audit trail, and what happens to
// those who tamper with it.
// npm run demo -- 15: the same on PostgreSQL 15.
import { generateNoteKey, parseSigningKey } from '@indelible/core'
import { startPostgres } from '../../test/support/embedded-postgres.ts'
import { createShopDatabase } from './create-database.ts'
import { createPrinter } from './print.ts'
import { canRunMikroOrm, closeServices, listTrails, openServices } from './services.ts'
import { type Evidence, showDamage } from './show-damage.ts'
import { showTrail } from './show-trail.ts'
import { showWrites } from './show-writes.ts'

const started = Date.now()
const print = createPrinter()

// The server notices that this process is gone, stops and removes its data.
process.once('SIGINT', () => process.exit(130))

const major = process.argv[2] === '15' ? 15 : 18
const server = await startPostgres({ major })
try {
  print.title(
    `Indelible: one audit trail of Prisma, TypeORM and MikroORM, on a throw-away PostgreSQL ${major}`,
  )
  const { node } = process.versions
  if (!canRunMikroOrm(node)) {
    print.line(`MikroORM needs Node.js 22.17 or newer, and this is ${node}: shown without it.`)
  }
  await showDamage(server.url, await showShop(), print)
} finally {
  await server.stop()
}

const { claims, failed } = print.score()
const seconds = ((Date.now() - started) / 1000).toFixed(0)
print.title(
  `${claims - failed} of ${claims} claims proved in ${seconds} s; the server and its data are gone.`,
)
process.exitCode = failed === 0 ? 0 : 1

/** Returns what an auditor would keep outside the database. */
async function showShop(): Promise<Evidence> {
  const { signingKey, verifierKey } = generateNoteKey('shop.example')
  const url = await createShopDatabase(server.url)
  const services = await openServices(url, parseSigningKey(signingKey))
  try {
    const story = await showWrites(services, url, print)
    const checkpoint = await showTrail({ trails: listTrails(services), story, verifierKey }, print)
    return { checkpoint, verifierKey }
  } finally {
    await closeServices(services)
  }
}

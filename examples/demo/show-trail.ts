import { formatEntry } from './format-entry.ts'
import type { Shop } from './open-shop.ts'
import type { Printer } from './print.ts'

/** What is shown of the trail. */
export interface TrailSubject {
  readonly orderId: number
  readonly verifierKey: string
}

/** Seals the trail, shows the life of one order, and verifies it all. Returns the checkpoint, to be kept outside the database. */
export async function showTrail(
  shop: Shop,
  { orderId, verifierKey }: TrailSubject,
  print: Printer,
): Promise<string> {
  const { size, checkpoint } = await shop.$audit.seal()
  print.step(`The life of order ${orderId}`, `prisma.$audit.history('Order', ${orderId})`)
  let entries = 0
  for await (const entry of shop.$audit.history('Order', orderId)) {
    for (const line of formatEntry(entry)) print.line(line)
    entries += 1
  }
  print.claim('five people and services had a hand in it, and five entries tell so', entries === 5)

  const note = checkpoint?.note ?? ''
  print.step(`All ${size.toLocaleString('en')} entries are sealed in one hash chain`, 'prisma.$audit.seal()')
  for (const line of note.trimEnd().split('\n')) print.line(line)
  const report = await shop.$audit.verify({ publicKeys: [verifierKey], knownCheckpoints: [note] })
  print.claim(
    `verify reads ${report.size.toLocaleString('en')} links and finds nothing wrong`,
    report.ok && report.size === size && report.findings.length === 0,
  )
  return note
}

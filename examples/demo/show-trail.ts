import { isDeepStrictEqual } from 'node:util'
import type { NamedEntry } from '@indelible/core'
import { formatEntry } from './format-entry.ts'
import { DISPATCH, type OrderStory } from './order-story.ts'
import type { OrmTrail } from './orm.ts'
import type { Printer } from './print.ts'

/** What is shown of the trail. */
export interface TrailSubject {
  /** The trail, as each ORM reads it. */
  readonly trails: readonly [OrmTrail, ...OrmTrail[]]
  readonly story: OrderStory
  readonly verifierKey: string
}

/** Seals the trail, shows the life of one order, and verifies it all. Returns the checkpoint, to be kept outside the database. */
export async function showTrail(subject: TrailSubject, print: Printer): Promise<string> {
  const { trails, verifierKey } = subject
  const [{ audit }] = trails
  const { size } = await audit.seal()
  await showHistory(subject, print)
  await showDispatch(trails.at(-1), print)
  const note = (await audit.status()).log?.checkpoint?.note ?? ''
  print.step(`All ${number(size)} entries are sealed in one hash chain`, 'audit.seal(), audit.verify()')
  for (const line of note.trimEnd().split('\n')) print.line(line)
  const options = { publicKeys: [verifierKey], knownCheckpoints: [note] }
  for (const { orm, audit } of trails) {
    const { ok, findings, ...report } = await audit.verify(options)
    print.claim(
      `${orm} reads ${number(report.size)} links up to ${report.head.slice(0, 12)}… and finds nothing wrong`,
      ok && findings.length === 0 && report.size === size && report.vouchedSize === size,
    )
  }
  return note
}

async function showHistory({ trails, story }: TrailSubject, print: Printer): Promise<void> {
  const { orderId, stages } = story
  const [first = [], ...others] = await Promise.all(
    trails.map(({ audit }) => readAll(audit.history('Order', orderId))),
  )
  print.step(`The life of order ${orderId}`, `audit.history('Order', ${orderId})`)
  for (const line of first.flatMap(formatEntry)) print.line(line)
  print.claim(
    `${stages} people and services wrote it, with ${trails.length} ORMs: ${stages} entries tell who and how`,
    first.length === stages && new Set(first.map(({ actorId }) => actorId)).size === stages,
  )
  print.claim(
    `${trails.map(({ orm }) => orm).join(', ')}: each reads the same ${stages} entries, by the name of its own entity`,
    others.every((entries) => isDeepStrictEqual(entries, first)),
  )
}

/** What one flush of MikroORM left: three tables, named as its entities are. */
async function showDispatch(trail: OrmTrail | undefined, print: Printer): Promise<void> {
  if (trail?.orm !== 'MikroORM') return
  const entries = await readAll(trail.audit.entries({ correlationId: DISPATCH }, { order: 'oldest' }))
  print.step('The request that shipped it', `auditOf(orm).entries({ correlationId: '${DISPATCH}' })`)
  for (const { op, entity, rowKey } of entries) print.line(`${op}  ${entity}  ${rowKey}`)
  print.claim(
    'one flush wrote three tables in one transaction, and so did its entries',
    new Set(entries.map(({ entity }) => entity)).size === 3 &&
      new Set(entries.map(({ tx }) => tx)).size === 1,
  )
}

async function readAll(entries: AsyncIterable<NamedEntry>): Promise<NamedEntry[]> {
  const all: NamedEntry[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

function number(count: number): string {
  return count.toLocaleString('en')
}

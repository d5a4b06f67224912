import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { generateNoteKey } from '../../packages/core/src/chain/note-key.ts'
import { fromPgPool } from '../../packages/core/src/pg/pg-database.ts'
import { sealAll } from '../../packages/core/src/seal/seal-all.ts'
import { sealOnce } from '../../packages/core/src/seal/seal-once.ts'
import type { AuditDatabase } from '../../packages/core/src/store/audit-database.ts'
import { migrate } from '../../packages/core/src/store/migrate.ts'
import { verifyLog } from '../../packages/core/src/verify/verify-log.ts'
import { createDatabase } from '../support/fresh-database.ts'
import { createSealedDatabase, SEALED, type SealedDatabase, writeEntries } from './sealed-database.ts'

let log: SealedDatabase

beforeAll(async () => {
  log = await createSealedDatabase()
})

afterEach(() => log.restore())
afterAll(() => log.database.drop())

const write = "select indelible.log('insert', 'public', 'order', '1', null, '{}', null)"

describe('what is healthy raises nothing', () => {
  test('an empty log', async () => {
    const empty = await createDatabase({ template: 'empty' })
    const audit = fromPgPool(empty.pool)
    await migrate(audit)
    expect(await verifyLog(audit)).toMatchObject({ ok: true, size: 0, entries: 0, pending: 0, warnings: [] })
    await empty.drop()
  })

  test('entries that wait for the sealer, in open transactions, and rolled back', async () => {
    const [open, rolledBack] = [await connect(), await connect()]
    await open.query(`begin; ${write}`)
    await rolledBack.query(`begin; ${write}; rollback`)
    await log.database.query(write)
    expect(await log.verify()).toMatchObject({ ok: true, size: SEALED, pending: 1 })
    await sealAll(log.audit, { signer: log.signer })
    await open.query('commit')
    expect(await log.verify()).toMatchObject({ ok: true, size: SEALED + 1, pending: 1 })
    // The late committer has a lower id and a higher place.
    await sealAll(log.audit, { signer: log.signer })
    expect(await log.verify()).toMatchObject({ ok: true, size: SEALED + 2, pending: 0 })
    const [row] = await log.database.query(
      'select bool_and(entry_id < next) as grows from (select entry_id, lead(entry_id) over (order by seq) as next from indelible.link) l',
    )
    expect(row).toEqual({ grows: false })
  })

  test('writers and a sealer at work while verification reads page after page', async () => {
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    const repeat = async (work: () => Promise<unknown>) => {
      for (; !stop.signal.aborted; await sleep(2)) await work()
    }
    const work = [
      repeat(() => log.database.query(write)),
      repeat(() => log.database.query(write)),
      repeat(() => sealOnce(log.audit, { batch: 20, checkpointAfter: 0, signer: log.signer })),
    ]
    const reports = [await log.verify({ pageSize: 20 })]
    const hasGrown = () => (reports.at(-1)?.size ?? 0) > (reports[0]?.size ?? 0)
    while (reports.length < 8 || !hasGrown()) reports.push(await log.verify({ pageSize: 20 }))
    stop.abort()
    await Promise.all(work)
    expect(reports.flatMap(({ findings }) => findings)).toEqual([])
  })
})

describe('the queue', () => {
  const old = `${write}; alter table indelible.entry disable trigger append_only;
    update indelible.entry set at = clock_timestamp() - interval '90 seconds' where id = (select max(id) from indelible.entry);
    alter table indelible.entry enable always trigger append_only`

  test('an entry that waits too long is found', async () => {
    await log.database.pool.query(old)
    expect(await log.verify()).toMatchObject({
      findings: [{ kind: 'unsealed', message: /waited 9\d seconds/ }],
      pending: 1,
    })
    expect(await log.find({ unsealedAfter: 120_000 })).toEqual([])
  })

  test('an entry of a long transaction, old when it appears, is left to the sealer first', async () => {
    await log.database.pool.query(old)
    const [report] = await Promise.all([
      log.verify({ unsealedGrace: 1500 }),
      sealAll(log.audit, { signer: log.signer }),
    ])
    expect(report.findings).toEqual([])
  })
})

describe('reading from a trusted checkpoint', () => {
  test('reads only what came after it, and says so', async () => {
    const report = await log.verify({ from: { note: await log.note(30) } })
    expect(report).toMatchObject({ ok: true, from: 30, size: SEALED, entries: 10, vouchedSize: 30 })
    expect(report.warnings).toEqual([
      'Entries 1 to 30 of the log were not read: a trusted checkpoint covers them.',
    ])
    const full = await log.verify()
    expect([report.root, report.head]).toEqual([full.root, full.head])
  })

  test('the last signed one is found in the table', async () => {
    await writeEntries(log.database, 5)
    await sealOnce(log.audit)
    const options = { from: 'last-signed', publicKeys: [log.verifierKey] } as const
    expect(await log.verify(options)).toMatchObject({ from: SEALED, entries: 5, size: SEALED + 5 })
  })

  test('its tree is proved by its root: a tree column that was changed or removed is not believed', async () => {
    const from = { note: await log.note(30) }
    await log.tamper(
      'update indelible.checkpoint set tree = set_byte(tree, 0, 255 - get_byte(tree, 0)) where size = 30',
    )
    expect(await log.verify({ from })).toMatchObject({ ok: true, from: 30 })
    await log.tamper('delete from indelible.checkpoint')
    expect(await log.verify({ from })).toMatchObject({ ok: true, from: 30 })
  })

  test('damage after it is found', async () => {
    await log.tamper("update indelible.entry set op = 'delete' where id = 35")
    expect(await log.find({ from: { note: await log.note(30) } })).toEqual(['edited@35'])
  })

  test('a log that does not lead to it is read from the start', async () => {
    const note = await log.note(30)
    await log.tamper('delete from indelible.checkpoint; delete from indelible.link where seq > 20')
    const report = await log.verify({ from: { note } })
    expect(report).toMatchObject({
      from: 0,
      entries: 20,
      findings: [{ kind: 'truncated' }, { kind: 'unqueued' }],
    })
    expect(report.warnings).toContainEqual(
      'The log does not lead to the checkpoint given, so the whole log was read.',
    )
  })

  test('without a checkpoint of the given keys all is read', async () => {
    const { verifierKey } = generateNoteKey('other')
    const report = await log.verify({ from: 'last-signed', publicKeys: [verifierKey] })
    expect(report).toMatchObject({ from: 0, entries: SEALED })
  })
})

describe('options', () => {
  test('pages of any size give the same report', async () => {
    await log.tamper(`update indelible.entry set op = 'delete' where id in (9, 10, 11);
      delete from indelible.link where seq = 20; update indelible.link set hash = sha256('') where seq = 30`)
    const reports = []
    for (const pageSize of [1, 3, 10, 1000]) reports.push(await log.verify({ pageSize }))
    expect(reports[0]?.findings.length).toBeGreaterThan(4)
    for (const report of reports) expect(report).toEqual(reports[0])
  })

  test('progress is told page by page', async () => {
    const seen: unknown[] = []
    await log.verify({ pageSize: 15, onProgress: (progress) => seen.push(progress) })
    expect(seen).toEqual([15, 30, 40].map((size) => ({ size, total: SEALED })))
  })

  test.each([
    ['AUDIT_OPTION_INVALID', { pageSize: 0 }],
    ['AUDIT_OPTION_INVALID', { maxFindings: 1.5 }],
    ['AUDIT_OPTION_INVALID', { unsealedAfter: -1 }],
    ['AUDIT_OPTION_INVALID', { from: 'last-signed' as const }],
    ['AUDIT_KEY_INVALID', { publicKeys: ['nonsense'] }],
    ['AUDIT_NOTE_INVALID', { knownCheckpoints: ['nonsense'] }],
    ['AUDIT_NOTE_INVALID', { from: { note: '' } }],
  ])('%s is thrown for %j', async (code, options) => {
    await expect(log.verify(options)).rejects.toMatchObject({ code })
  })

  test('a report is plain data', async () => {
    const report = await log.verify({ publicKeys: [log.verifierKey] })
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })
})

test('a role that may only read can verify', async () => {
  const role = `${log.database.name}_reader`
  await log.database.query(`create role "${role}" login`)
  await migrate(log.audit, { grants: { readers: [role] } })
  expect(await verifyLog(asRole(role))).toMatchObject({ ok: true, size: SEALED })
})

test('a role that may only seal can seal', async () => {
  const role = `${log.database.name}_sealer`
  await log.database.query(`create role "${role}" login`)
  await migrate(log.audit, { grants: { sealers: [role] } })
  await log.database.query(write)
  expect(await sealAll(asRole(role), { signer: log.signer })).toMatchObject({
    sealed: 1,
    size: SEALED + 1,
    checkpoint: { size: SEALED + 1 },
  })
})

/** A session that ends with the test. */
async function connect(): Promise<pg.Client> {
  const client = new pg.Client(log.database.url)
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

function asRole(role: string): AuditDatabase {
  const url = new URL(log.database.url)
  url.username = role
  const pool = new pg.Pool({ connectionString: url.href })
  onTestFinished(async () => {
    await pool.end()
    await log.database.query(`drop owned by "${role}"; drop role "${role}"`)
  })
  return fromPgPool(pool)
}

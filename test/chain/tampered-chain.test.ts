import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { generateNoteKey, parseSigningKey } from '../../packages/core/src/chain/note-key.ts'
import {
  STORED_ENTRY_COLUMNS,
  type StoredEntry,
  toStoredEntry,
} from '../../packages/core/src/entry/stored-entry.ts'
import { chainEntries } from '../../packages/core/src/seal/append-links.ts'
import { readQueue } from '../../packages/core/src/seal/read-queue.ts'
import { sealAll } from '../../packages/core/src/seal/seal-all.ts'
import { createSealedDatabase, SEALED, type SealedDatabase, writeEntries } from './sealed-database.ts'

let log: SealedDatabase

beforeAll(async () => {
  log = await createSealedDatabase()
})

afterEach(() => log.restore())
afterAll(() => log.database.drop())

const FORGED = "sha256('forged')"
const editOf = (id: number) => `update indelible.entry set actor_id = 'someone else' where id = ${id}`
/** Makes the links fit their entries again: the recipe of docs/design/chain-format.md in the wrong hands. */
const resealFrom = (seq: number) => `
  insert into indelible.pending select entry_id from indelible.link where seq >= ${seq};
  delete from indelible.checkpoint where size >= ${seq};
  delete from indelible.link where seq >= ${seq}`

describe('links', () => {
  test.each(['entry_hash', 'image_hash', 'prev_hash', 'hash'])(
    'a changed %s is found and named',
    async (column) => {
      for (const seq of [1, 17, SEALED]) {
        await log.tamper(`update indelible.link set ${column} = ${FORGED} where seq = ${seq}`)
        const { findings } = await log.verify()
        expect(findings).toMatchObject([
          { kind: 'restamped', seq, message: expect.stringContaining(`its ${column} `) },
        ])
        await log.restore()
      }
    },
  )

  test('a link that names another entry is found', async () => {
    await log.tamper('update indelible.link set entry_id = 99999 where seq = 17')
    expect(await log.find()).toEqual(['removed@17', 'unqueued@entry 17'])
  })

  test('removed links are a gap, and their entries are told of', async () => {
    await log.tamper('delete from indelible.link where seq between 12 and 14')
    const { findings } = await log.verify()
    expect(findings).toMatchObject([
      { kind: 'gap', seq: 12, lastSeq: 14 },
      { kind: 'unqueued', entryId: '12', lastEntryId: '14', actual: '3' },
    ])
  })

  test('links removed with their entries are a gap', async () => {
    await log.tamper('delete from indelible.link where seq = 17; delete from indelible.entry where id = 17')
    expect(await log.find()).toEqual(['gap@17'])
  })

  test('links that have changed places are found', async () => {
    await log.tamper(`update indelible.link set seq = -seq + 1000 where seq in (17, 23);
      update indelible.link set seq = case seq when 983 then 23 else 17 end where seq > 900`)
    const { findings } = await log.verify()
    expect(findings.slice(0, 2)).toMatchObject([
      { kind: 'reordered', seq: 17, expected: '23' },
      { kind: 'checkpoint_mismatch', seq: 20 },
    ])
    expect(findings.map(({ kind, seq }) => `${kind}@${seq}`)).toContain('reordered@23')
    expect(findings.length).toBeLessThanOrEqual(4)
  })

  test('a forged entry with a link of its own between others is found', async () => {
    await log.database.pool.query("select indelible.log('insert', 'public', 'order', '1', null, '{}', null)")
    const { entries } = await readQueue(log.audit, 10)
    const [link] = chainEntries(entries, { size: 16, head: await hashOf(16) })
    await log.tamper(`delete from indelible.pending;
      update indelible.link set seq = seq + 1000 where seq >= 17;
      update indelible.link set seq = seq - 999 where seq > 1000;
      insert into indelible.link values (17, ${link?.entryId}, '\\x${link?.entryHash}', '\\x${link?.imageHash}',
        '\\x${link?.prevHash}', '\\x${link?.hash}')`)
    const { findings } = await log.verify()
    expect(findings.slice(0, 2)).toMatchObject([
      { kind: 'inserted', seq: 17, entryId: link?.entryId },
      { kind: 'checkpoint_mismatch', seq: 20 },
    ])
    expect(findings.length).toBe(2)
  })

  test('a fork is found', async () => {
    await log.tamper(`update indelible.link set prev_hash = (select hash from indelible.link where seq = 7),
      hash = sha256('\\x02' || (select hash from indelible.link where seq = 7) || entry_hash) where seq = ${SEALED}`)
    expect(await log.find()).toContain(`forked@${SEALED}`)
  })

  test('an edit with its own link re-hashed is found at the link, and once more at the checkpoint', async () => {
    await log.tamper(editOf(17))
    const [link] = chainEntries(await readEntry(17), { size: 16, head: await hashOf(16) })
    await log.tamper(`update indelible.link set entry_hash = '\\x${link?.entryHash}',
      image_hash = '\\x${link?.imageHash}', hash = '\\x${link?.hash}' where seq = 17`)
    expect(await log.find()).toEqual(['restamped@17', 'checkpoint_mismatch@20'])
  })
})

describe('the tail', () => {
  test('links cut off behind a checkpoint are found, before what follows from it', async () => {
    await log.tamper('delete from indelible.link where seq > 33')
    expect(await log.find()).toEqual(['truncated@34', 'unqueued@entry 34'])
    await log.tamper('delete from indelible.entry where id > 33')
    const { findings } = await log.verify()
    expect(findings).toMatchObject([{ kind: 'truncated', expected: '40', actual: '33' }])
  })

  test('links, entries and checkpoints cut off together are found by a checkpoint from outside', async () => {
    const known = await log.note(SEALED)
    await log.tamper(`delete from indelible.link where seq > 20; delete from indelible.entry where id > 20;
      delete from indelible.checkpoint where size > 20`)
    expect(await log.find({ publicKeys: [log.verifierKey] })).toEqual([])
    expect(await log.find({ knownCheckpoints: [known] })).toEqual(['truncated@21'])
  })

  test('everything removed is found by a checkpoint from outside', async () => {
    const known = await log.note(SEALED)
    await log.tamper(
      'delete from indelible.link; delete from indelible.entry; delete from indelible.checkpoint',
    )
    expect(await log.find({ knownCheckpoints: [known] })).toEqual(['truncated@1'])
  })

  test.each([
    ['with another key', 'select'],
    [
      'whose note then loses its signature',
      "update indelible.checkpoint set note = split_part(note, E'\\n\\n', 1) || E'\\n' where size > 30",
    ],
  ])('a tail cut off, edited and sealed again by a real sealer %s is found', async (_, forge) => {
    await log.tamper(`${resealFrom(31)}; ${editOf(35)}; delete from indelible.checkpoint where size > 30`)
    const known = [await log.note(30)]
    const { signingKey } = generateNoteKey('shop.example/audit')
    await sealAll(log.audit, { signer: parseSigningKey(signingKey) })
    await log.tamper(forge)
    expect(await log.find({ knownCheckpoints: known })).toEqual([])
    expect((await log.verify({ publicKeys: [log.verifierKey] })).findings).toMatchObject([
      { kind: 'signature_invalid', seq: SEALED },
    ])
  })
})

describe('the whole chain', () => {
  test('made anew with an edit in it, it contradicts a checkpoint from outside, and only that', async () => {
    const known = await log.note(30)
    await log.tamper(`${resealFrom(1)}; ${editOf(17)}`)
    await sealAll(log.audit)
    const blind = await log.verify()
    expect(blind).toMatchObject({ ok: true, vouchedSize: 0 })
    expect(blind.warnings).toEqual([expect.stringContaining('could have computed all of it anew')])
    expect(await log.find({ knownCheckpoints: [known] })).toEqual(['checkpoint_mismatch@30', 'restamped@1'])
  })

  test('made anew under the stored checkpoints, it contradicts the first one behind the edit, and only that', async () => {
    await log.tamper(`create table kept as table indelible.checkpoint; ${resealFrom(1)}; ${editOf(17)}`)
    await sealAll(log.audit)
    await log.tamper(
      `delete from indelible.checkpoint; insert into indelible.checkpoint select * from kept; drop table kept`,
    )
    expect(await log.find()).toEqual(['checkpoint_mismatch@20', 'restamped@11'])
  })

  test('under another id it is another log', async () => {
    await log.tamper('update indelible.origin set log_id = gen_random_uuid()')
    const { findings } = await log.verify()
    expect(findings).toMatchObject([
      { kind: 'restamped', seq: 1 },
      { kind: 'checkpoint_mismatch', seq: 10 },
      { kind: 'checkpoint_mismatch', seq: 20 },
      { kind: 'checkpoint_mismatch', seq: 30 },
      { kind: 'checkpoint_mismatch', seq: 40 },
    ])
  })

  test('without its id there is nothing to verify against', async () => {
    await log.tamper('delete from indelible.origin')
    await expect(log.verify()).rejects.toMatchObject({ code: 'AUDIT_SCHEMA_ALTERED' })
  })
})

describe('checkpoints', () => {
  test.each([
    ['size', '25'],
    ['root', FORGED],
    ['head', FORGED],
    ['tree', `${FORGED} || ${FORGED}`],
    ['at', "at - interval '1 day'"],
    ['note', "replace(note, 'time 2', 'time 3')"],
    ['note', "''"],
  ])('a changed %s is found', async (column, value) => {
    await log.tamper(`update indelible.checkpoint set ${column} = ${value} where size = 20`)
    expect((await log.verify()).findings).toMatchObject([{ kind: 'checkpoint_mismatch' }])
  })

  test('a changed note with its columns changed alike is found by its signature', async () => {
    await log.tamper(`update indelible.checkpoint set at = '2020-01-01 00:00:00+00',
      note = regexp_replace(note, 'time \\S+', 'time 2020-01-01T00:00:00.000000Z') where size = 20`)
    expect(await log.find()).toEqual([])
    expect(await log.find({ publicKeys: [log.verifierKey] })).toEqual(['signature_invalid@20'])
  })

  test('a wrong key is said once; the right one among others is enough', async () => {
    const { verifierKey: wrong } = generateNoteKey('shop.example/audit')
    expect(await log.find({ publicKeys: [wrong] })).toEqual([`signature_invalid@${SEALED}`])
    expect(await log.find({ publicKeys: [wrong, log.verifierKey] })).toEqual([])
  })

  test('a checkpoint from outside with a false signature is found', async () => {
    const note = (await log.note(20)).replace('time 2', 'time 3')
    expect(await log.find({ knownCheckpoints: [note] })).toEqual([])
    expect(await log.find({ knownCheckpoints: [note], publicKeys: [log.verifierKey] })).toEqual([
      'signature_invalid@20',
    ])
  })

  test('removed ones are missed by nobody, until one is known from outside', async () => {
    const known = await log.note(20)
    await log.tamper('delete from indelible.checkpoint')
    expect(await log.verify({ knownCheckpoints: [known] })).toMatchObject({ ok: true, vouchedSize: 20 })
  })

  test('the sealer signs nothing on top of a log that contradicts the last checkpoint, and still links', async () => {
    const tamperings = [
      `${editOf(40)}; ${resealOne(40)}`,
      `update indelible.checkpoint set tree = ${FORGED} || ${FORGED} where size = 40`,
      `update indelible.checkpoint set root = ${FORGED} where size = 40`,
      "update indelible.checkpoint set note = replace(note, '=\n', 'A=\n') where size = 40",
      `update indelible.checkpoint set at = '2020-01-01 00:00:00+00',
        note = regexp_replace(note, 'time \\S+', 'time 2020-01-01T00:00:00.000000Z') where size = 40`,
      'delete from indelible.link where seq > 38',
    ]
    for (const sql of tamperings) {
      await log.tamper(sql)
      await writeEntries(log.database, 5)
      await expect(sealAll(log.audit, { signer: log.signer }), sql).rejects.toMatchObject({
        code: 'AUDIT_NOTE_INVALID',
      })
      const [row] = await log.database.query('select count(*)::int as pending from indelible.pending')
      expect(row, sql).toEqual({ pending: 0 })
      await log.restore()
    }
  })
})

/** Re-hashes one link over another entry hash, with SQL alone. */
function resealOne(seq: number): string {
  return `
    update indelible.link l set entry_hash = ${FORGED}, hash = sha256('\\x02' || prev_hash || ${FORGED}) where seq = ${seq}`
}

async function readEntry(id: number): Promise<readonly StoredEntry[]> {
  const rows = await log.audit.query(`select ${STORED_ENTRY_COLUMNS} from indelible.entry e where id = ${id}`)
  return rows.flatMap((row) => toStoredEntry(row) ?? [])
}

async function hashOf(seq: number): Promise<string> {
  const [row] = await log.database.query<{ hash: string }>(
    "select encode(hash, 'hex') as hash from indelible.link where seq = $1",
    [seq],
  )
  return row?.hash ?? ''
}

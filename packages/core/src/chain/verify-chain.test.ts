import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  buildCheckpoint,
  buildEntry,
  buildLog,
  editEntry,
  editLink,
  LOG_ID,
  renumber,
  restamp,
  type TestLog,
  verifyTestLog,
} from '../../../../test/chain/log-builder.ts'
import type { StoredEntry } from '../entry/stored-entry.ts'
import { hashLink, type Link } from './link.ts'
import { generateNoteKey, parseSigningKey } from './note-key.ts'

const signer = parseSigningKey(generateNoteKey(`indelible/${LOG_ID}`).signingKey)
const stranger = parseSigningKey(generateNoteKey('stranger').signingKey)

test('an untouched log raises nothing, however it was written', () => {
  const history = fc.record({
    size: fc.nat(9),
    checkpointEvery: fc.nat(5),
    signed: fc.nat(19).map((n) => n === 0),
    shuffle: fc.array(fc.nat(30), { minLength: 9, maxLength: 9 }),
  })
  fc.assert(
    fc.property(history, ({ size, checkpointEvery, signed, shuffle }) => {
      // Late committers give the chain another order than the ids; rollbacks leave holes in them.
      const ids = shuffle.map((key, index) => ({ key, id: index * 3 + 1 })).toSorted((a, b) => a.key - b.key)
      const log = buildLog(size, { checkpointEvery, ids: ids.map(({ id }) => id), ...(signed && { signer }) })
      const known = log.checkpoints.map(({ note }) => note)
      const verified = verifyTestLog(log, { known, ...(signed && { verifiers: [signer] }) })
      expect(verified.brief).toEqual([])
      expect([verified.size, verified.entries]).toEqual([size, size])
    }),
    { numRuns: 10_000 },
  )
}, 120_000)

test('the result tells size, head, root and what is vouched for', () => {
  const log = buildLog(10, { checkpointEvery: 4, signer })
  const { root, head } = buildCheckpoint(log.links, 10)
  expect(verifyTestLog(log, { verifiers: [signer] })).toMatchObject({
    size: 10,
    entries: 10,
    root,
    head,
    vouchedSize: 8,
    checkpoints: { total: 2, signed: 2, verified: 2 },
  })
  expect(verifyTestLog(log).vouchedSize).toBe(0)
  expect(verifyTestLog(log, { known: [log.checkpoints[0]?.note ?? ''] }).vouchedSize).toBe(4)
})

const columns: [keyof StoredEntry, string | null][] = [
  ['at', '2026-11-22T10:15:05.000001Z'],
  ['tx', '1'],
  ['op', 'delete'],
  ['tableSchema', null],
  ['tableName', 'orders'],
  ['rowKey', ''],
  ['before', null],
  ['after', '{"status": "5"}'],
  ['actorId', 'u_43'],
  ['actorType', null],
  ['tenant', ''],
  ['correlationId', 'c'],
  ['context', '{}'],
  ['salt', '00000000-0000-0000-0000-000000000000'],
]

test.each(columns)('an edited %s is found, once, and nothing else', (column, value) => {
  const log = buildLog(10, { checkpointEvery: 5 })
  editEntry(log, 5, { [column]: value })
  const { brief, findings } = verifyTestLog(log)
  expect(brief).toEqual(['edited@5'])
  expect(findings[0]?.message).toMatch(
    ['before', 'after', 'salt'].includes(column) ? /: before, after or salt\.$/ : /: a column other than/,
  )
})

test('an edit of images and of other columns says both', () => {
  const log = buildLog(3)
  editEntry(log, 2, { after: '{}', actorId: 'x' })
  expect(verifyTestLog(log).findings[0]).toMatchObject({
    kind: 'edited',
    entryId: '2',
    message: /and other columns too/,
  })
})

test('a removed entry is found', () => {
  const log = buildLog(10, { checkpointEvery: 5 })
  log.entries = log.entries.filter(({ id }) => id !== '7')
  expect(verifyTestLog(log)).toMatchObject({ brief: ['removed@7'], entries: 9 })
})

test.each<[keyof Link, string]>([
  ['entryHash', 'entry_hash'],
  ['imageHash', 'image_hash'],
  ['prevHash', 'prev_hash'],
  ['hash', 'hash'],
])('a changed %s of a link is found, once, and named', (column, name) => {
  for (const seq of [1, 5, 10]) {
    const log = buildLog(10, { checkpointEvery: 5 })
    const original = log.links[seq - 1]?.[column]
    editLink(log, seq, { [column]: 'a'.repeat(64) })
    const { brief, findings } = verifyTestLog(log)
    expect(brief).toEqual([`restamped@${seq}`])
    expect(findings[0]).toMatchObject({ expected: original, actual: 'a'.repeat(64) })
    expect(findings[0]?.message).toContain(`its ${name} does not`)
  }
})

test('links that are missing are one gap', () => {
  const log = buildLog(20, { checkpointEvery: 5 })
  log.links = log.links.filter(({ seq }) => seq < 8 || seq > 11)
  const { brief, findings, root } = verifyTestLog(log)
  expect(brief).toEqual(['gap@8'])
  expect(findings[0]).toMatchObject({ lastSeq: 11, message: 'Links 8 to 11 are missing.' })
  expect(root).toBe(buildCheckpoint(buildLog(20).links, 20).root)
})

test('missing first links are a gap', () => {
  const log = buildLog(5)
  log.links = log.links.slice(2)
  expect(verifyTestLog(log).brief).toEqual(['gap@1'])
})

test('after a gap later damage is still found', () => {
  const log = buildLog(20, { checkpointEvery: 5 })
  log.links = log.links.filter(({ seq }) => seq !== 3)
  editEntry(log, 9, { op: 'delete' })
  editEntry(log, 17, { op: 'delete' })
  expect(verifyTestLog(log).brief).toEqual(['gap@3', 'edited@9', 'edited@17'])
})

test('a hole in the numbers without a missing link is a gap', () => {
  const log = buildLog(6)
  renumber(log, (seq) => (seq > 3 ? seq + 1 : seq))
  expect(verifyTestLog(log).brief).toEqual(['gap@4'])
})

test('a link taken out with the rest moved up is found where it was', () => {
  const log = buildLog(10)
  log.links = log.links.filter(({ seq }) => seq !== 5)
  renumber(log, (seq) => (seq > 5 ? seq - 1 : seq))
  expect(verifyTestLog(log)).toMatchObject({
    brief: ['restamped@4'],
    findings: [{ message: /links at this place were removed/ }],
  })
})

test('an edit with its own link re-hashed breaks the chain behind it', () => {
  const log = buildLog(10)
  editEntry(log, 4, { op: 'delete' })
  restamp(log, 4, 4)
  expect(verifyTestLog(log).brief).toEqual(['restamped@4'])
})

test('an edit with all later links re-hashed contradicts the next checkpoint, and that is said once', () => {
  const log = buildLog(20, { checkpointEvery: 5 })
  editEntry(log, 8, { op: 'delete' })
  restamp(log, 8)
  const { brief, findings, vouchedSize } = verifyTestLog(log)
  expect(brief).toEqual(['checkpoint_mismatch@10', 'restamped@6'])
  expect(findings[1]).toMatchObject({ lastSeq: 10 })
  expect(vouchedSize).toBe(0)
})

test('two rewritten places are two contradictions', () => {
  const log = buildLog(30, { checkpointEvery: 5 })
  editEntry(log, 8, { op: 'delete' })
  editEntry(log, 22, { op: 'delete' })
  restamp(log, 8)
  expect(verifyTestLog(log).brief).toEqual([
    'checkpoint_mismatch@10',
    'restamped@6',
    'checkpoint_mismatch@25',
    'restamped@21',
  ])
})

test('without any checkpoint a full rewrite cannot be found, and the result says that nothing is vouched for', () => {
  const log = buildLog(10)
  editEntry(log, 1, { op: 'delete' })
  restamp(log, 1)
  expect(verifyTestLog(log)).toMatchObject({ brief: [], vouchedSize: 0 })
})

test('a full rewrite with its checkpoints made anew is found by one known from outside', () => {
  const known = buildCheckpoint(buildLog(10).links, 10).note
  const log = buildLog(20)
  editEntry(log, 3, { actorId: 'someone else' })
  restamp(log, 1)
  log.checkpoints = [5, 10, 15].map((size) => buildCheckpoint(log.links, size))
  expect(verifyTestLog(log).brief).toEqual([])
  expect(verifyTestLog(log, { known: [known] }).brief).toEqual(['checkpoint_mismatch@10', 'restamped@6'])
})

test('a contradiction of two checkpoints of one size is said once', () => {
  const log = buildLog(20, { checkpointEvery: 10 })
  const known = log.checkpoints.map(({ note }) => note)
  editEntry(log, 3, { actorId: 'someone else' })
  restamp(log, 3)
  expect(verifyTestLog(log, { known }).brief).toEqual(['checkpoint_mismatch@10', 'restamped@1'])
})

test('a false checkpoint of the table beside a true one from outside accuses no link', () => {
  const log = buildLog(10, { checkpointEvery: 10 })
  const known = log.checkpoints.map(({ note }) => note)
  log.checkpoints = [buildCheckpoint(buildLog(10, { ids: [10, 9, 8, 7, 6, 5, 4, 3, 2, 1] }).links, 10)]
  expect(verifyTestLog(log, { known }).brief).toEqual(['checkpoint_mismatch@10'])
})

test('a full rewrite with unsigned checkpoints is found by the key', () => {
  const log = buildLog(20, { checkpointEvery: 5, signer })
  editEntry(log, 8, { op: 'delete' })
  restamp(log, 8)
  log.checkpoints = log.checkpoints.map(({ size }, index) =>
    index === 0 ? buildCheckpoint(log.links, size, signer) : buildCheckpoint(log.links, size),
  )
  expect(verifyTestLog(log, { verifiers: [signer] }).brief).toEqual([
    'signature_invalid@10',
    'signature_invalid@15',
    'signature_invalid@20',
  ])
})

test('a chain made anew for another log is found', () => {
  const log = { ...buildLog(5), logId: '00000000-0000-0000-0000-000000000000' }
  expect(verifyTestLog(log)).toMatchObject({
    brief: ['restamped@1'],
    findings: [{ message: /id of this log/ }],
  })
})

test('a forged link that chains to its predecessor is skipped by the chain', () => {
  const log = buildLog(10, { checkpointEvery: 5 })
  insertForged(log, 4, log.links[2]?.hash ?? '')
  expect(verifyTestLog(log).brief).toEqual(['inserted@4', 'checkpoint_mismatch@5'])
})

test('a forged link that chains to nothing is found', () => {
  const log = buildLog(10)
  insertForged(log, 4, 'f'.repeat(64))
  expect(verifyTestLog(log).brief).toEqual(['inserted@4'])
})

test('a forged link at the end is told from a re-hashed one by the checkpoint before it', () => {
  const forge = (log: TestLog) => insertForged(log, 11, 'f'.repeat(64))
  const [bare, checked] = [buildLog(10), buildLog(10, { checkpointEvery: 5 })]
  for (const log of [bare, checked]) forge(log)
  expect(verifyTestLog(checked).brief).toEqual(['inserted@11'])
  expect(verifyTestLog(bare).brief).toEqual(['restamped@10'])
})

test('forged links in several places are each found', () => {
  const log = buildLog(20)
  insertForged(log, 15, 'f'.repeat(64))
  insertForged(log, 9, log.links[7]?.hash ?? '')
  insertForged(log, 4, 'e'.repeat(64))
  expect(verifyTestLog(log).brief).toEqual(['inserted@4', 'inserted@10', 'inserted@17'])
})

test('two links with one predecessor, and both go on, are a fork', () => {
  const log = buildLog(6)
  const branch = buildLog(9)
  // Links 7, 8, 9 follow link 4, as links 5 and 6 do.
  log.entries = branch.entries
  log.links = [...log.links, ...branch.links.slice(6)]
  editLink(log, 7, { prevHash: log.links[3]?.hash ?? '' })
  restamp(log, 7)
  const { brief, findings } = verifyTestLog(log)
  expect(brief).toEqual(['forked@7'])
  expect(findings[0]?.message).toBe('The chain is forked: links 5 and 7 both follow link 4.')
})

test('a last link that names the predecessor of the one before is a fork', () => {
  const log = buildLog(6)
  editLink(log, 6, { prevHash: log.links[3]?.hash ?? '' })
  restamp(log, 6)
  expect(verifyTestLog(log).brief).toEqual(['forked@6'])
})

test('a fork from long ago is found', () => {
  const log = buildLog(50)
  editLink(log, 50, { prevHash: log.links[2]?.hash ?? '' })
  restamp(log, 50)
  expect(verifyTestLog(log).brief).toEqual(['forked@50'])
})

test.each([
  [4, 5],
  [4, 6],
  [3, 9],
  [1, 2],
  [9, 10],
])('links %i and %i that have changed places are found and told where they belong', (a, b) => {
  const log = buildLog(10)
  renumber(log, (seq) => (seq === a ? b : seq === b ? a : seq))
  const { brief, findings } = verifyTestLog(log)
  expect(brief).toEqual([`reordered@${a}`, `reordered@${b}`])
  expect(findings.map(({ expected }) => expected)).toEqual([`${b}`, `${a}`])
})

test('a link that was moved is found', () => {
  const log = buildLog(10)
  renumber(log, (seq) => (seq === 3 ? 8 : seq > 3 && seq <= 8 ? seq - 1 : seq))
  expect(verifyTestLog(log).findings).toMatchObject([
    { kind: 'reordered', seq: 3, lastSeq: 7, expected: '4' },
    { kind: 'reordered', seq: 8, expected: '3' },
  ])
})

test('entries whose links have changed places are found', () => {
  const log = buildLog(10)
  editLink(log, 4, { entryId: '7' })
  editLink(log, 7, { entryId: '4' })
  expect(verifyTestLog(log).brief).toEqual(['reordered@4', 'reordered@7'])
})

test('entries that have changed their contents are found', () => {
  const log = buildLog(10)
  const [a, b] = [buildEntry(4), buildEntry(7)]
  editEntry(log, 4, { ...b, id: 'a' })
  editEntry(log, 7, { ...a, id: '7' })
  log.entries = log.entries.map((entry) => (entry.id === 'a' ? { ...entry, id: '4' } : entry))
  expect(verifyTestLog(log).brief).toEqual(['reordered@4', 'reordered@7'])
})

test('a tail cut off behind a checkpoint is found, with what it was', () => {
  const log = buildLog(20, { checkpointEvery: 5 })
  log.links = log.links.slice(0, 12)
  const { brief, findings } = verifyTestLog(log)
  expect(brief).toEqual(['truncated@13'])
  expect(findings[0]).toMatchObject({ expected: '20', actual: '12' })
})

test('a tail cut off with its checkpoints is found by one known from outside', () => {
  const log = buildLog(20, { checkpointEvery: 5 })
  const known = [log.checkpoints[3]?.note ?? '']
  log.links = log.links.slice(0, 12)
  log.checkpoints = log.checkpoints.slice(0, 2)
  expect(verifyTestLog(log).brief).toEqual([])
  expect(verifyTestLog(log, { known }).brief).toEqual(['truncated@13'])
})

test('a tail cut off and sealed anew is found', () => {
  const log = buildLog(20, { checkpointEvery: 5 })
  editEntry(log, 14, { op: 'delete' })
  restamp(log, 13)
  expect(verifyTestLog(log).brief).toEqual(['checkpoint_mismatch@15', 'restamped@11'])
})

test('an emptied log is found', () => {
  const log = buildLog(10, { checkpointEvery: 5 })
  expect(verifyTestLog({ ...log, links: [], entries: [] }).brief).toEqual(['truncated@1'])
})

test.each([
  ['size', { size: 7 }],
  ['root', { root: 'a'.repeat(64) }],
  ['head', { head: 'a'.repeat(64) }],
  ['tree', { tree: 'a'.repeat(128) }],
  ['tree cut', { tree: '' }],
  ['at', { at: '2020-01-01T00:00:00.000000Z' }],
  ['note', { note: buildCheckpoint(buildLog(10, { ids: [9, 8, 7, 6, 5, 4, 3, 2, 1, 10] }).links, 5).note }],
  ['note emptied', { note: '' }],
])('a checkpoint with its %s changed is found, once', (_, changes) => {
  const log = buildLog(10, { checkpointEvery: 5 })
  log.checkpoints = log.checkpoints.map((checkpoint) =>
    checkpoint.size === 5 ? { ...checkpoint, ...changes } : checkpoint,
  )
  const { findings } = verifyTestLog(log)
  expect(findings).toMatchObject([{ kind: 'checkpoint_mismatch' }])
})

test('a false checkpoint that agrees with itself is found, and the next true one acquits the links', () => {
  const log = buildLog(20, { checkpointEvery: 5 })
  const other = buildLog(20, { ids: [9, 8, 7, 6, 5, 4, 3, 2, 1, 0] })
  log.checkpoints = log.checkpoints.map((checkpoint) =>
    checkpoint.size === 10 ? buildCheckpoint(other.links, 10) : checkpoint,
  )
  expect(verifyTestLog(log).brief).toEqual(['checkpoint_mismatch@10'])
  log.checkpoints = log.checkpoints.slice(0, 2)
  expect(verifyTestLog(log).brief).toEqual(['checkpoint_mismatch@10', 'restamped@6'])
})

test('a checkpoint of another log is found', () => {
  const note = buildCheckpoint(buildLog(5).links, 5).note.replace(LOG_ID, LOG_ID.replace('7', '8'))
  const log = buildLog(5, { checkpointEvery: 5 })
  expect(verifyTestLog(log, { known: [note] }).brief).toEqual(['checkpoint_mismatch@5'])
  log.checkpoints = log.checkpoints.map((checkpoint) => ({ ...checkpoint, note }))
  expect(verifyTestLog(log).brief).toEqual(['checkpoint_mismatch@5'])
})

test('a false signature is found', () => {
  const log = buildLog(10, { checkpointEvery: 5, signer })
  const forged = log.checkpoints[0]?.note.replace('time 2026', 'time 2025') ?? ''
  log.checkpoints = log.checkpoints.map((checkpoint) =>
    checkpoint.size === 5 ? { ...checkpoint, note: forged, at: '2025-11-22T10:16:00.000000Z' } : checkpoint,
  )
  expect(verifyTestLog(log).brief).toEqual([])
  expect(verifyTestLog(log, { verifiers: [signer] }).brief).toEqual(['signature_invalid@5'])
  expect(verifyTestLog(buildLog(5), { verifiers: [signer], known: [forged] }).brief).toEqual([
    'signature_invalid@5',
  ])
})

test('checkpoints that the right key has not signed are one finding', () => {
  const log = buildLog(10, { checkpointEvery: 2, signer: stranger })
  expect(verifyTestLog(log, { verifiers: [signer] }).brief).toEqual(['signature_invalid@10'])
  expect(verifyTestLog(buildLog(10, { checkpointEvery: 2 }), { verifiers: [signer] }).brief).toEqual([
    'signature_invalid@10',
  ])
})

test('checkpoints from before the first signed one need no signature, nor those of a second key given', () => {
  const log = buildLog(10)
  log.checkpoints = [
    buildCheckpoint(log.links, 3),
    buildCheckpoint(log.links, 6, signer),
    buildCheckpoint(log.links, 9, stranger),
  ]
  expect(verifyTestLog(log, { verifiers: [signer, stranger] })).toMatchObject({
    brief: [],
    vouchedSize: 9,
    checkpoints: { total: 3, signed: 2, verified: 2 },
  })
})

test('two damages of different kinds do not hide each other', () => {
  const log = buildLog(30, { checkpointEvery: 10 })
  editEntry(log, 2, { op: 'delete' })
  log.entries = log.entries.filter(({ id }) => id !== '5')
  editLink(log, 12, { hash: 'a'.repeat(64) })
  renumber(log, (seq) => (seq === 23 ? 24 : seq === 24 ? 23 : seq))
  expect(verifyTestLog(log).brief).toEqual([
    'edited@2',
    'removed@5',
    'restamped@12',
    'reordered@23',
    'reordered@24',
    'checkpoint_mismatch@30',
  ])
})

test('a wrecked log gives a bounded list and the number of the rest', () => {
  const log = buildLog(3000)
  log.entries = log.entries.map((entry) => ({ ...entry, op: 'delete' }))
  const { findings } = verifyTestLog(log)
  expect(findings.length).toBe(100)
  log.links = log.links.map((link) => ({ ...link, prevHash: link.entryHash }))
  expect(verifyTestLog(log).findings.length).toBe(200)
})

test('any one change of a link or an entry behind a checkpoint is found', () => {
  const size = 12
  const links = ['entryHash', 'imageHash', 'prevHash', 'hash'] as const
  const change = fc.record({
    seq: fc.integer({ min: 1, max: size }),
    what: fc.oneof(fc.constantFrom(...links), fc.constantFrom(...columns.map(([column]) => column))),
    digit: fc.nat(63),
    isRestamped: fc.boolean(),
  })
  fc.assert(
    fc.property(change, ({ seq, what, digit, isRestamped }) => {
      const log = buildLog(size, { checkpointEvery: size })
      const link = log.links[seq - 1]
      if (what in (link ?? {})) {
        editLink(log, seq, { [what]: flipDigit(link?.[what as keyof Link] as string, digit) })
      } else {
        const entry = log.entries[seq - 1]
        const value = entry?.[what as keyof StoredEntry] ?? ''
        editEntry(log, seq, { [what]: what === 'salt' ? flipDigit(value, 35) : `${value}1` })
        if (isRestamped) restamp(log, seq)
      }
      expect(verifyTestLog(log).brief).not.toEqual([])
    }),
    { numRuns: 500 },
  )
})

function flipDigit(hex: string, at: number): string {
  const digit = Number.parseInt(hex.slice(at, at + 1), 16) ^ 1
  return hex.slice(0, at) + digit.toString(16) + hex.slice(at + 1)
}

function insertForged(log: TestLog, place: number, prevHash: string): void {
  const entry = buildEntry(1000 + place)
  log.entries.push(entry)
  renumber(log, (seq) => (seq >= place ? seq + 1 : seq))
  const blank = { entryHash: '', imageHash: '', hash: '' }
  log.links = [...log.links, { ...blank, seq: place, entryId: entry.id, prevHash }].toSorted(
    (a, b) => a.seq - b.seq,
  )
  restamp(log, place, place)
  expect(log.links[place - 1]?.hash).toBe(hashLink(prevHash, log.links[place - 1]?.entryHash ?? ''))
}

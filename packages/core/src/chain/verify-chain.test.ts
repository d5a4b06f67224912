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

test('no sequence of tamperings leads to another log without a finding', () => {
  const size = 9
  const seq = fc.integer({ min: 1, max: size })
  const step = fc.record({
    act: fc.constantFrom<keyof typeof tamperings>(
      ...(Object.keys(tamperings) as (keyof typeof tamperings)[]),
    ),
    a: seq,
    b: seq,
  })
  const original = JSON.stringify(buildLog(size, { checkpointEvery: size }))
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
      const log = buildLog(size, { checkpointEvery: size })
      for (const { act, a, b } of steps) tamperings[act](log, a, b)
      expect(verifyTestLog(log).brief.length > 0).toBe(JSON.stringify(log) !== original)
    }),
    { numRuns: 3000 },
  )
})

const tamperings = {
  swap: (log: TestLog, a: number, b: number) => renumber(log, (seq) => (seq === a ? b : seq === b ? a : seq)),
  copy: (log: TestLog, a: number, b: number) => {
    const { seq: _seq, ...link } = log.links[b - 1] ?? { seq: 0 }
    editLink(log, a, link)
  },
  copyHash: (log: TestLog, a: number, b: number) => editLink(log, a, { hash: log.links[b - 1]?.hash ?? '' }),
  follow: (log: TestLog, a: number, b: number) => {
    const [link, before] = [log.links[a - 1], log.links[b - 1]]
    const prevHash = before?.hash ?? ''
    editLink(log, a, { prevHash, hash: hashLink(prevHash, link?.entryHash ?? '') })
  },
  rehash: (log: TestLog, a: number) => {
    const [link, before] = [log.links[a - 1], log.links[a - 2]]
    if (before)
      editLink(log, a, { prevHash: before.hash, hash: hashLink(before.hash, link?.entryHash ?? '') })
  },
  remove: (log: TestLog, a: number) => {
    log.links = log.links.filter(({ seq }) => seq !== a)
  },
  moveUp: (log: TestLog) => {
    log.links = log.links.map((link, index) => ({ ...link, seq: index + 1 }))
  },
  edit: (log: TestLog, a: number) => editEntry(log, a, { op: 'delete' }),
  name: (log: TestLog, a: number, b: number) => editLink(log, a, { entryId: `${b}` }),
}

function flipDigit(hex: string, at: number): string {
  const digit = Number.parseInt(hex.slice(at, at + 1), 16) ^ 1
  return hex.slice(0, at) + digit.toString(16) + hex.slice(at + 1)
}

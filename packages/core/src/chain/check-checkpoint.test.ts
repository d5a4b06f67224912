import { expect, test } from 'vitest'
import {
  buildCheckpoint,
  buildLog,
  editEntry,
  LOG_ID,
  restamp,
  verifyTestLog,
} from '../../../../test/chain/log-builder.ts'
import { generateNoteKey, parseSigningKey } from './note-key.ts'

const signer = parseSigningKey(generateNoteKey(`indelible/${LOG_ID}`).signingKey)
const stranger = parseSigningKey(generateNoteKey('stranger').signingKey)

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

test('a checkpoint with the right root and another head is found', () => {
  const log = buildLog(10, { checkpointEvery: 5 })
  const [first] = log.checkpoints
  const head = 'a'.repeat(64)
  const note = first?.note.replace(/head .*/, `head ${Buffer.from(head, 'hex').toString('base64')}`) ?? ''
  log.checkpoints = log.checkpoints.map((checkpoint) =>
    checkpoint === first ? { ...checkpoint, head, note } : checkpoint,
  )
  expect(verifyTestLog(log).findings).toMatchObject([{ kind: 'checkpoint_mismatch', seq: 5, expected: head }])
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

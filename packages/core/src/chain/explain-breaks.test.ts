import { expect, test } from 'vitest'
import {
  buildCheckpoint,
  buildEntry,
  buildLog,
  editEntry,
  editLink,
  renumber,
  restamp,
  type TestLog,
  verifyTestLog,
} from '../../../../test/chain/log-builder.ts'
import { hashLink } from './link.ts'

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

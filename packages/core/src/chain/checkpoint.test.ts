import { expect, test } from 'vitest'
import {
  GOLDEN_HASHES,
  GOLDEN_LOG_ID,
  GOLDEN_NOTE_TEXT,
  GOLDEN_ROOT,
} from '../../../../test/chain/golden-log.ts'
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint.ts'

const golden: Checkpoint = {
  logId: GOLDEN_LOG_ID,
  size: 3,
  root: GOLDEN_ROOT,
  head: GOLDEN_HASHES[2]?.[2] ?? '',
  at: '2026-11-22T10:16:00.000000Z',
}

test('the golden checkpoint is written and read', () => {
  expect(formatCheckpoint(golden)).toBe(GOLDEN_NOTE_TEXT)
  expect(parseCheckpoint(GOLDEN_NOTE_TEXT)).toEqual(golden)
})

test('extension lines of later versions are passed over', () => {
  expect(parseCheckpoint(`${GOLDEN_NOTE_TEXT}witness x\n`)).toEqual(golden)
})

test.each([
  ['another origin', GOLDEN_NOTE_TEXT.replace('indelible/', 'example.com/')],
  ['no size', GOLDEN_NOTE_TEXT.replace('\n3\n', '\n')],
  ['a leading zero', GOLDEN_NOTE_TEXT.replace('\n3\n', '\n03\n')],
  ['a size beyond the exact numbers', GOLDEN_NOTE_TEXT.replace('\n3\n', '\n9999999999999999\n')],
  ['a short root', GOLDEN_NOTE_TEXT.replace('vJOa', '')],
  ['no head', GOLDEN_NOTE_TEXT.replace(/head .*\n/, '')],
  ['no time', GOLDEN_NOTE_TEXT.replace(/time .*\n/, '')],
  ['an empty line', GOLDEN_NOTE_TEXT.replace('head', '\nhead')],
  ['no last newline', GOLDEN_NOTE_TEXT.trimEnd()],
  ['nothing', ''],
])('a note with %s is no checkpoint', (_, text) => {
  expect(() => parseCheckpoint(text)).toThrow(expect.objectContaining({ code: 'AUDIT_NOTE_INVALID' }))
})

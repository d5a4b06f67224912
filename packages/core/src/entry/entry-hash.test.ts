import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GOLDEN_ENTRIES, GOLDEN_HASHES } from '../../../../test/chain/golden-log.ts'
import { hashEntry, hashHeader } from './entry-hash.ts'
import type { StoredEntry } from './stored-entry.ts'

const [golden] = GOLDEN_ENTRIES as [StoredEntry]

test('the golden entries have their golden hashes', () => {
  const hashes = GOLDEN_ENTRIES.map(hashEntry).map(({ imageHash, entryHash }) => [imageHash, entryHash])
  expect(hashes).toEqual(GOLDEN_HASHES.map(([image, entry]) => [image, entry]))
})

test('every column changes the entry hash', () => {
  const { entryHash } = hashEntry(golden)
  const columns = Object.keys(golden) as (keyof StoredEntry)[]
  for (const column of columns) {
    const changed = column === 'salt' ? golden.salt.replace('0', '1') : `${golden[column]}x`
    expect(hashEntry({ ...golden, [column]: changed }).entryHash, column).not.toBe(entryHash)
  }
})

test('NULL, the empty text and a value moved to the next column are three different entries', () => {
  const variants = [
    { tableName: 'a', rowKey: null },
    { tableName: 'a', rowKey: '' },
    { tableName: null, rowKey: 'a' },
    { tableName: '', rowKey: 'a' },
  ]
  const hashes = variants.map((columns) => hashEntry({ ...golden, ...columns }).entryHash)
  expect(new Set(hashes).size).toBe(variants.length)
})

test('without its images an entry can still be verified against its image hash', () => {
  const { before: _before, after: _after, salt: _salt, ...header } = golden
  const { imageHash, entryHash } = hashEntry(golden)
  expect(hashHeader(header, imageHash)).toBe(entryHash)
})

test('equal images have different hashes under different salts', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (a, b) => {
      const [left, right] = [hashEntry({ ...golden, salt: a }), hashEntry({ ...golden, salt: b })]
      expect(left.imageHash === right.imageHash).toBe(a === b)
    }),
  )
})

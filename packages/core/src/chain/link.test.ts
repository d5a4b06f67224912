import { expect, test } from 'vitest'
import {
  GOLDEN_ENTRIES,
  GOLDEN_HASHES,
  GOLDEN_LOG_ID,
  GOLDEN_ORIGIN_HASH,
} from '../../../../test/chain/golden-log.ts'
import { chainEntries } from '../seal/append-links.ts'
import { hashLink, hashOrigin, toLink } from './link.ts'

test('the first link commits to the id of the log', () => {
  expect(hashOrigin(GOLDEN_LOG_ID)).toBe(GOLDEN_ORIGIN_HASH)
  expect(hashOrigin('00000000-0000-0000-0000-000000000000')).not.toBe(GOLDEN_ORIGIN_HASH)
})

test('the golden log has its golden chain', () => {
  const links = chainEntries(GOLDEN_ENTRIES, { size: 0, head: hashOrigin(GOLDEN_LOG_ID) })
  expect(links.map(({ imageHash, entryHash, hash }) => [imageHash, entryHash, hash])).toEqual(GOLDEN_HASHES)
  expect(links.map(({ seq, entryId }) => [seq, entryId])).toEqual([
    [1, '1'],
    [2, '3'],
    [3, '2'],
  ])
})

test('a chain goes on where it stopped', () => {
  const all = chainEntries(GOLDEN_ENTRIES, { size: 0, head: hashOrigin(GOLDEN_LOG_ID) })
  const [first] = all
  expect(chainEntries(GOLDEN_ENTRIES.slice(1), { size: 1, head: first?.hash ?? '' })).toEqual(all.slice(1))
})

test('predecessor and entry cannot change places', () => {
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)] as const
  expect(hashLink(a, b)).not.toBe(hashLink(b, a))
})

test('a number beyond the exact ones is read as a number all the same', () => {
  expect(toLink({ seq: '9223372036854775807' }).seq).toBe(2 ** 63)
})

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GOLDEN_HASHES, GOLDEN_ROOT, GOLDEN_TREE } from '../../../../test/chain/golden-log.ts'
import { sha256OfHex } from '../entry/sha256.ts'
import { appendLeaf, EMPTY_TREE, type MerkleTree, parseTree, serialiseTree, treeRoot } from './merkle.ts'

// The test data of Certificate Transparency: eight leaves and the root of each prefix, from size 0 on.
const LEAF_DATA = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

test('roots are those of the Certificate Transparency test data', () => {
  const leaves = LEAF_DATA.map((data) => sha256OfHex(`00${data}`))
  expect(ROOTS.map((_, size) => treeRoot(growTree(leaves.slice(0, size))))).toEqual(ROOTS)
})

test('the golden log has its golden root and tree', () => {
  const tree = growTree(GOLDEN_HASHES.map(([, entryHash]) => entryHash))
  expect([treeRoot(tree), serialiseTree(tree)]).toEqual([GOLDEN_ROOT, GOLDEN_TREE])
})

test('the root is that of the recursive definition', () => {
  fc.assert(
    fc.property(fc.array(leaf(), { maxLength: 70 }), (leaves) => {
      expect(treeRoot(growTree(leaves))).toBe(naiveRoot(leaves))
    }),
  )
})

test('a tree that was written down and read again grows like the one that was not', () => {
  fc.assert(
    fc.property(fc.array(leaf(), { maxLength: 40 }), fc.array(leaf(), { maxLength: 40 }), (first, second) => {
      const written = serialiseTree(growTree(first))
      const read = parseTree(first.length, written)
      expect(read && growTree(second, read)).toEqual(growTree([...first, ...second]))
    }),
  )
})

test('a tree has one subtree for each bit of its size', () => {
  const tree = growTree(Array.from({ length: 13 }, () => 'a'.repeat(64)))
  expect(tree.roots.length).toBe(3)
  expect(parseTree(13, serialiseTree(tree))).toEqual(tree)
  expect(parseTree(12, serialiseTree(tree))).toBeUndefined()
})

test('what is no tree is not read as one', () => {
  const hash = 'a'.repeat(64)
  expect(parseTree(0, '')).toEqual(EMPTY_TREE)
  expect(parseTree(1, '')).toBeUndefined()
  expect(parseTree(1, hash.toUpperCase())).toBeUndefined()
  expect(parseTree(1, `${hash}aa`)).toBeUndefined()
  expect(parseTree(-1, hash)).toBeUndefined()
  expect(parseTree(1.5, hash)).toBeUndefined()
  expect(parseTree(2 ** 53, hash)).toBeUndefined()
})

test('a tree that grows leaves the old one as it was', () => {
  const tree = growTree(['a'.repeat(64)])
  appendLeaf(tree, 'b'.repeat(64))
  expect(tree).toEqual({ size: 1, roots: ['a'.repeat(64)] })
})

function growTree(leaves: readonly string[], tree: MerkleTree = EMPTY_TREE): MerkleTree {
  return leaves.reduce(appendLeaf, tree)
}

function leaf(): fc.Arbitrary<string> {
  return fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'))
}

/** RFC 6962, section 2.1, word for word. */
function naiveRoot(leaves: readonly string[]): string {
  const [first = ''] = leaves
  if (leaves.length === 0) return createHash('sha256').digest('hex')
  if (leaves.length === 1) return first
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  const halves = [leaves.slice(0, split), leaves.slice(split)].map((half) =>
    Buffer.from(naiveRoot(half), 'hex'),
  )
  return createHash('sha256')
    .update(Buffer.concat([Buffer.of(1), ...halves]))
    .digest('hex')
}

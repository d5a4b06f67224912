import { type HashHex, sha256, sha256OfHex } from '../entry/sha256.ts'

const NODE_PREFIX = '01'
const HASH_DIGITS = 64

/**
 * A Merkle tree of RFC 6962 that can only grow. It keeps the roots of its perfect subtrees, at most 53, and no leaf.
 *
 * The subtrees follow from the size: one for each bit that is set in it, the largest first.
 */
export interface MerkleTree {
  readonly size: number
  readonly roots: readonly HashHex[]
}

/** The tree without leaves. */
export const EMPTY_TREE: MerkleTree = { size: 0, roots: [] }

/** Adds one leaf, given as its leaf hash (`entry_hash` is one). */
export function appendLeaf(tree: MerkleTree, leaf: HashHex): MerkleTree {
  const roots = tree.roots.slice()
  let node = leaf
  for (let size = tree.size; size % 2 === 1; size = (size - 1) / 2) node = hashNode(roots.pop() ?? '', node)
  roots.push(node)
  return { size: tree.size + 1, roots }
}

/** The root over all leaves: RFC 6962, section 2.1. The root of the empty tree is the hash of nothing. */
export function treeRoot({ roots }: MerkleTree): HashHex {
  return roots.length === 0 ? sha256('') : roots.reduceRight((right, left) => hashNode(left, right))
}

/** The subtree roots as one hexadecimal text: what the `tree` column of a checkpoint holds. */
export function serialiseTree({ roots }: MerkleTree): string {
  return roots.join('')
}

/** Reads what {@link serialiseTree} has written; `undefined` when it is no tree of that size. */
export function parseTree(size: number, hex: string): MerkleTree | undefined {
  if (!Number.isSafeInteger(size) || size < 0) return undefined
  if (!/^[0-9a-f]*$/.test(hex) || hex.length !== countSubtrees(size) * HASH_DIGITS) return undefined
  return { size, roots: hex.match(/.{64}/g) ?? [] }
}

function hashNode(left: HashHex, right: HashHex): HashHex {
  return sha256OfHex(NODE_PREFIX + left + right)
}

function countSubtrees(size: number): number {
  return size.toString(2).replaceAll('0', '').length
}

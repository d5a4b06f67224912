import type { ChainStart } from '../chain/chain-state.ts'
import { hashLink } from '../chain/link.ts'
import { appendLeaf } from '../chain/merkle.ts'
import type { AuditQueryable } from '../store/audit-database.ts'

const PAGE = 10_000

/**
 * Extends a tree and a chain over the stored links up to `size`, from their entry hashes alone. Entries are not read.
 *
 * When links are missing, the tree returned is smaller than `size`.
 */
export async function extendOverLinks(
  database: AuditQueryable,
  start: ChainStart,
  size: number,
): Promise<ChainStart> {
  let { tree, head } = start
  while (tree.size < size) {
    const rows = await database.query(LEAVES, [`${tree.size}`, `${Math.min(tree.size + PAGE, size)}`])
    if (rows.length === 0) break
    for (const row of rows) {
      const leaf = row['leaf'] ?? ''
      tree = appendLeaf(tree, leaf)
      head = hashLink(head, leaf)
    }
  }
  return { tree, head }
}

const LEAVES = `
  select encode(entry_hash, 'hex') as leaf from indelible.link
  where seq > $1::bigint and seq <= $2::bigint order by seq`

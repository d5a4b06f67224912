import { hashLink, type Link } from '../chain/link.ts'
import { hashEntry } from '../entry/entry-hash.ts'
import type { HashHex } from '../entry/sha256.ts'
import type { StoredEntry } from '../entry/stored-entry.ts'
import type { AuditQueryable } from '../store/audit-database.ts'

/** Computes the links of entries that come after a link with this number and hash. Pure. */
export function chainEntries(
  entries: readonly StoredEntry[],
  { size, head }: { readonly size: number; readonly head: HashHex },
): readonly Link[] {
  let prevHash = head
  return entries.map((entry, index) => {
    const { entryHash, imageHash } = hashEntry(entry)
    const hash = hashLink(prevHash, entryHash)
    const link = { seq: size + 1 + index, entryId: entry.id, entryHash, imageHash, prevHash, hash }
    prevHash = hash
    return link
  })
}

/** Inserts links and takes ids off the queue, in one statement. */
export async function appendLinks(
  tx: AuditQueryable,
  links: readonly Link[],
  done: readonly string[],
): Promise<void> {
  if (done.length === 0) return
  const column = (value: (link: Link) => string | number) => toArray(links.map(value))
  await tx.query(APPEND, [
    column(({ seq }) => seq),
    column(({ entryId }) => entryId),
    column(({ entryHash }) => entryHash),
    column(({ imageHash }) => imageHash),
    column(({ prevHash }) => prevHash),
    column(({ hash }) => hash),
    toArray(done),
  ])
}

const APPEND = `
  with off_queue as (delete from indelible.pending where id = any ($7::bigint[]))
  insert into indelible.link (seq, entry_id, entry_hash, image_hash, prev_hash, hash)
  select seq, entry_id, decode(entry_hash, 'hex'), decode(image_hash, 'hex'), decode(prev_hash, 'hex'), decode(hash, 'hex')
  from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[])
    as t (seq, entry_id, entry_hash, image_hash, prev_hash, hash)`

// Numbers and hexadecimal digits need no quotes in an array literal.
function toArray(values: readonly (string | number)[]): string {
  return `{${values.join(',')}}`
}

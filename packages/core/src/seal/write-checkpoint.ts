import type { ChainStart } from '../chain/chain-state.ts'
import { formatCheckpoint } from '../chain/checkpoint.ts'
import { hashOrigin } from '../chain/link.ts'
import { EMPTY_TREE, serialiseTree, treeRoot } from '../chain/merkle.ts'
import type { NoteSigner } from '../chain/note-key.ts'
import { signNote } from '../chain/signed-note.ts'
import { readStoredCheckpoint } from '../chain/stored-checkpoint.ts'
import { hashedTimestamp } from '../entry/stored-entry.ts'
import { AuditError } from '../errors.ts'
import type { AuditQueryable } from '../store/audit-database.ts'
import { extendOverLinks } from './extend-over-links.ts'
import type { LogTail } from './log-tail.ts'
import type { SealedCheckpoint } from './seal-report.ts'

/**
 * Writes a checkpoint over all links, extending the last one: it reads the links since then and no more.
 *
 * It signs nothing that contradicts what it has signed before: the links must lead from the last checkpoint to the tail. Behind a
 * signed checkpoint it writes none without a signature: to whoever verifies with the key that would be a forger's.
 *
 * @throws AuditError `AUDIT_NOTE_INVALID` when the last checkpoint or the links since then were altered, or when the last one is
 * signed and there is no signer. Nothing is written.
 */
export async function writeCheckpoint(
  tx: AuditQueryable,
  tail: LogTail,
  signer: NoteSigner | undefined,
): Promise<SealedCheckpoint> {
  const { tree, head } = await extendOverLinks(tx, readBase(tail, signer), tail.size)
  if (head !== tail.head)
    throw refuse('The links do not lead from the last checkpoint to the last link', tail)
  const { logId, size } = tail
  const checkpoint = { logId, size, root: treeRoot(tree), head, at: await readClock(tx) }
  const text = formatCheckpoint(checkpoint)
  const note = signer ? signNote(text, [signer]) : text
  await tx.query(INSERT, [`${size}`, checkpoint.root, head, serialiseTree(tree), note, checkpoint.at])
  return { ...checkpoint, note }
}

const INSERT = `
  insert into indelible.checkpoint (size, root, head, tree, note, at) values ($1::bigint, decode($2::text, 'hex'),
    decode($3::text, 'hex'), decode($4::text, 'hex'), $5::text, $6::timestamptz)`

/** The state at the last checkpoint. Whether the links are still those that it covers, the head of the chain will show. */
function readBase(tail: LogTail, signer: NoteSigner | undefined): ChainStart {
  const { logId, checkpoint: last } = tail
  if (last === undefined) return { tree: EMPTY_TREE, head: hashOrigin(logId) }
  const { checkpoint, signature, tree } = readStoredCheckpoint(last, logId, signer ? [signer] : [])
  if (signature === 'failed') throw refuse('The signature of the last checkpoint is false', tail)
  if (signature !== 'unsigned' && signer === undefined) throw withoutKey(tail)
  return { tree, head: checkpoint.head }
}

async function readClock(tx: AuditQueryable): Promise<string> {
  const [row] = await tx.query(`select ${hashedTimestamp('statement_timestamp()')} as at`)
  return row?.['at'] ?? ''
}

function withoutKey({ size, checkpoint }: LogTail): AuditError {
  const message =
    'The last checkpoint is signed and this sealer has no key: it writes no checkpoint. Entries are still linked. Give it the key (seal.signer, INDELIBLE_SEAL_KEY), or leave sealing to the process that has it (seal: false).'
  return new AuditError('AUDIT_NOTE_INVALID', message, { facts: { size, checkpointSize: checkpoint?.size } })
}

function refuse(reason: string, { size, checkpoint }: LogTail): AuditError {
  const message = `${reason}: no checkpoint is written. Entries are still linked. Verify the log to learn what was changed.`
  return new AuditError('AUDIT_NOTE_INVALID', message, { facts: { size, checkpointSize: checkpoint?.size } })
}

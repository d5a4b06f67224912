import type { NoteSigner } from '../chain/note-key.ts'
import { AuditError } from '../errors.ts'
import type { AuditDatabase, AuditTransaction } from '../store/audit-database.ts'
import { appendLinks, chainEntries } from './append-links.ts'
import { type LogTail, readLogTail } from './log-tail.ts'
import { readQueue } from './read-queue.ts'
import { SEAL_LOCK } from './seal-lock.ts'
import type { SealedCheckpoint } from './seal-report.ts'
import { writeCheckpoint } from './write-checkpoint.ts'

/** How {@link sealOnce} works. */
export interface SealOnceOptions {
  /** Entries to link at most. They are in memory at once, with their images. Default 1000. */
  readonly batch?: number
  /** Writes a checkpoint when there are new links and the last checkpoint is that many milliseconds old. Default: never. */
  readonly checkpointAfter?: number
  /** Signs the checkpoint. Default: it is not signed. */
  readonly signer?: NoteSigner
  /** Waits for another sealer to finish its batch. Default: leaves at once and says so. */
  readonly wait?: boolean
}

/** What {@link sealOnce} has done. */
export type SealOnceResult = SkippedBatch | SealedBatch

/** Another sealer was at work. */
export interface SkippedBatch {
  readonly skipped: true
}

/** A batch that is committed. */
export interface SealedBatch {
  readonly skipped: false
  /** Entries linked. */
  readonly sealed: number
  /** Whether more may be waiting. */
  readonly isMore: boolean
  /** Links in the log now. */
  readonly size: number
  readonly checkpoint?: SealedCheckpoint
  /** Why no checkpoint could be written, though it was time for one. */
  readonly checkpointError?: AuditError
  /** Queued ids whose entry does not exist. They stay in the queue: someone has removed the entries. */
  readonly orphans: readonly string[]
}

/**
 * Links one batch of queued entries in the order of their ids, in one transaction: all of it, or nothing.
 *
 * One sealer works at a time, however many are started, in however many processes. A crash at any point loses nothing and
 * links nothing twice: an entry leaves the queue by the commit that gives it its link.
 *
 * @throws the driver's error when the database refuses.
 */
export async function sealOnce(
  database: AuditDatabase,
  options: SealOnceOptions = {},
): Promise<SealOnceResult> {
  return database.transaction(async (tx) => {
    // In a statement of its own: the statements below then see all that the last holder of the lock has committed.
    if (!(await takeLock(tx, options.wait ?? false))) return { skipped: true }
    const tail = await readLogTail(tx)
    const { entries, done, orphans, isMore } = await readQueue(tx, options.batch ?? 1000)
    const links = chainEntries(entries, tail)
    await appendLinks(tx, links, done)
    const sealed = { ...tail, size: tail.size + links.length, head: links.at(-1)?.hash ?? tail.head }
    const checkpoint = await tryCheckpoint(tx, sealed, options)
    return { skipped: false, sealed: links.length, isMore, size: sealed.size, orphans, ...checkpoint }
  })
}

async function takeLock(tx: AuditTransaction, wait: boolean): Promise<boolean> {
  if (wait) {
    await tx.query(`select pg_advisory_xact_lock(${SEAL_LOCK})::text as lock`)
    return true
  }
  const [row] = await tx.query(`select pg_try_advisory_xact_lock(${SEAL_LOCK})::text as locked`)
  return row?.['locked'] === 'true'
}

async function tryCheckpoint(
  tx: AuditTransaction,
  tail: LogTail,
  { checkpointAfter, signer }: SealOnceOptions,
): Promise<Pick<SealedBatch, 'checkpoint' | 'checkpointError'>> {
  const isNew = tail.size > (tail.checkpoint?.size ?? 0)
  if (checkpointAfter === undefined || !isNew || tail.checkpointAge < checkpointAfter) return {}
  try {
    return { checkpoint: await writeCheckpoint(tx, tail, signer) }
  } catch (error) {
    // Its reasons lie in the data, not in the connection: the links of this batch are good and must be committed.
    if (error instanceof AuditError) return { checkpointError: error }
    throw error
  }
}

import { createFindingList, type Finding, type FindingKind, type FindingList } from '../chain/findings.ts'
import { type ChainResult, createChainVerifier } from '../chain/verify-chain.ts'
import type { HashHex } from '../entry/sha256.ts'
import { type LogTail, readLogTail } from '../seal/log-tail.ts'
import type { AuditDatabase, AuditQueryable, AuditTransaction } from '../store/audit-database.ts'
import { checkLate, checkQueue, type QueueCheck } from './check-queue.ts'
import { findLastSigned, resolveStart, type TrustedStart } from './choose-start.ts'
import { readChain } from './read-chain.ts'
import { resolveVerifyOptions, type VerifyOptions, type VerifySettings } from './verify-options.ts'
import { collectWarnings } from './verify-warnings.ts'

export type { VerifyOptions, VerifyProgress } from './verify-options.ts'

/** What a verification has come to. Plain data, fit for JSON. */
export interface VerifyReport {
  /** Whether nothing was found. */
  readonly ok: boolean
  readonly logId: string
  /** Size of the trusted checkpoint that it started from; 0 when all was read. */
  readonly from: number
  /** Links in the log. */
  readonly size: number
  /** Entries read and hashed: those after `from`. */
  readonly entries: number
  /** Hash of the last link. */
  readonly head: HashHex
  /** Merkle root over all links; null when links are missing. */
  readonly root: HashHex | null
  /** Links up to here are vouched for from outside the database: by a verified signature, or by a known checkpoint. */
  readonly vouchedSize: number
  /** The checkpoints read from the table. */
  readonly checkpoints: {
    readonly total: number
    readonly signed: number
    /** Signed by one of `publicKeys`. */
    readonly verified: number
  }
  /** Entries in the queue to the sealer. They are not sealed yet: nothing protects them. */
  readonly pending: number
  /** What was found, in the order of the log. */
  readonly findings: readonly Finding[]
  /** How many more were found of kinds that have reached `maxFindings`. */
  readonly omitted: Readonly<Partial<Record<FindingKind, number>>>
  /** What the report cannot prove, in sentences. */
  readonly warnings: readonly string[]
}

/**
 * Verifies the log: recomputes every hash from the entries, follows the chain, and holds it against all checkpoints.
 *
 * It reads one snapshot, so that writers and sealers may go on, and believes no hash that it can compute. Memory does not
 * grow with the log. Findings are data: a log in ruins gives a report, not an exception. It needs no right but SELECT.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID`, `AUDIT_KEY_INVALID` or `AUDIT_NOTE_INVALID` for options that cannot be used, and
 * `AUDIT_SCHEMA_ALTERED` when the log has lost its id. The driver's error when the tables cannot be read.
 *
 * @example
 * const report = await verifyLog(fromPgPool(pool), { publicKeys: [verifierKey], knownCheckpoints: [note] })
 * if (!report.ok) console.error(report.findings)
 */
export async function verifyLog(database: AuditDatabase, options: VerifyOptions = {}): Promise<VerifyReport> {
  const settings = resolveVerifyOptions(options)
  const found = createFindingList(settings.maxFindings)
  const read = await database.transaction((tx) => readSnapshot(tx, settings, found))
  found.addAll(await checkLate(database, read.queue.late, settings.unsealedGrace))
  return toReport(read, settings, found)
}

/** What was read in one snapshot. */
interface SnapshotRead {
  readonly tail: LogTail
  readonly start: TrustedStart | undefined
  readonly chain: ChainResult
  readonly queue: QueueCheck
}

async function readSnapshot(
  tx: AuditTransaction,
  settings: VerifySettings,
  findings: FindingList,
): Promise<SnapshotRead> {
  await tx.script('set transaction isolation level repeatable read read only')
  const tail = await readLogTail(tx)
  const start = await chooseStart(tx, tail, settings)
  const verifier = createChainVerifier({
    logId: tail.logId,
    start: start?.state,
    verifiers: settings.verifiers,
    findings,
  })
  const size = start?.note.checkpoint.size ?? 0
  await readChain(tx, verifier, {
    start: size,
    pageSize: settings.pageSize,
    known: knownCheckpoints(settings, start).filter(({ checkpoint }) => checkpoint.size > size),
    onPage: (lastSeq) => settings.onProgress({ size: lastSeq, total: tail.size }),
  })
  const chain = verifier.finish(await locate(tx, verifier.unresolved()))
  const queue = await checkQueue(tx, settings.unsealedAfter)
  findings.addAll(queue.findings)
  return { tail, start, chain, queue }
}

async function chooseStart(
  tx: AuditQueryable,
  tail: LogTail,
  { from, verifiers }: VerifySettings,
): Promise<TrustedStart | undefined> {
  const note = from === 'last-signed' ? await findLastSigned(tx, tail.logId, verifiers) : from
  return note && resolveStart(tx, tail, note)
}

/** A start that the log does not lead to says what is wrong with the log, like any other checkpoint from outside. */
function knownCheckpoints({ known, from }: VerifySettings, start: TrustedStart | undefined) {
  if (start !== undefined || typeof from !== 'object') return known
  return [...known, from].toSorted((a, b) => a.checkpoint.size - b.checkpoint.size)
}

/** Finds the links that bear a hash. One pass over all links, and only when the chain is broken. */
async function locate(tx: AuditQueryable, hashes: readonly HashHex[]): Promise<ReadonlyMap<HashHex, number>> {
  if (hashes.length === 0) return new Map()
  const rows = await tx.query(LOCATE, [`{${hashes.join(',')}}`])
  return new Map(rows.map((row) => [row['hash'] ?? '', Number(row['seq'])]))
}

const LOCATE = `
  select min(seq)::text as seq, encode(hash, 'hex') as hash from indelible.link
  where encode(hash, 'hex') = any ($1::text[]) group by hash`

function toReport(
  { tail, start, chain, queue }: SnapshotRead,
  settings: VerifySettings,
  found: FindingList,
): VerifyReport {
  const findings = found.sorted()
  const { size, entries, head, root = null, vouchedSize, checkpoints } = chain
  return {
    ok: findings.length === 0,
    logId: tail.logId,
    from: start?.note.checkpoint.size ?? 0,
    size,
    entries,
    head,
    root,
    vouchedSize,
    checkpoints,
    pending: queue.pending,
    findings,
    omitted: found.omitted(),
    warnings: collectWarnings({ start: start?.note, chain }, settings),
  }
}

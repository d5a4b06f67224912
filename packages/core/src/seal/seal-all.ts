import type { AuditDatabase } from '../store/audit-database.ts'
import { type SealedBatch, type SealOnceOptions, sealOnce } from './seal-once.ts'
import type { SealReport } from './seal-report.ts'

/**
 * Links all that was committed before the call, batch by batch, and writes a checkpoint over it. It waits for other sealers.
 *
 * @throws AuditError `AUDIT_NOTE_INVALID` when the last checkpoint contradicts the links: entries are linked, no checkpoint is written.
 * @throws the driver's error when the database refuses.
 */
export async function sealAll(
  database: AuditDatabase,
  options: Pick<SealOnceOptions, 'batch' | 'signer'> = {},
): Promise<SealReport> {
  let sealed = 0
  for (let isMore = true; isMore; ) {
    const batch = await sealInTurn(database, options)
    sealed += batch.sealed
    isMore = batch.isMore
  }
  // By itself: a batch with a checkpoint for each thousand entries would be no service.
  const last = await sealInTurn(database, { ...options, checkpointAfter: 0 })
  if (last.checkpointError) throw last.checkpointError
  return { sealed: sealed + last.sealed, size: last.size, checkpoint: last.checkpoint ?? null }
}

async function sealInTurn(database: AuditDatabase, options: SealOnceOptions): Promise<SealedBatch> {
  for (;;) {
    const result = await sealOnce(database, { ...options, wait: true })
    if (!result.skipped) return result
  }
}

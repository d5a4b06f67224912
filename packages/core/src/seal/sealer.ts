import type { AuditDatabase } from '../store/audit-database.ts'
import { sealAll } from './seal-all.ts'
import type { SealReport } from './seal-report.ts'
import { closeRounds, createRounds, planRound, wakeRounds } from './seal-rounds.ts'
import { resolveOptions, type SealerOptions, type SealerSettings } from './sealer-options.ts'

export type { SealerOptions } from './sealer-options.ts'

/** Links entries and writes checkpoints in the background. */
export interface Sealer {
  /** Says that something was written. Cheap enough for every write: it sets a flag, or a timer. */
  wake(): void
  /**
   * Links all that was committed before the call, waiting for other sealers, and writes a checkpoint over it.
   *
   * @throws AuditError `AUDIT_NOTE_INVALID` when the last checkpoint contradicts the links: entries are linked, no checkpoint is written.
   * @throws the driver's error when the database refuses.
   */
  seal(): Promise<SealReport>
  /** Ends the background work and waits for the batch under way. It seals nothing more; what is queued waits for the next sealer. */
  close(): Promise<void>
}

/**
 * Creates a sealer and starts it. Several may run, in one process or many: one works at a time.
 *
 * Guarantee: every committed entry is linked exactly once, whatever crashes in between. Entries are linked in the order in
 * which they became visible, by id within a batch.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` when a number is out of range.
 *
 * @example
 * const sealer = createSealer(fromPgPool(pool), { signer: parseSigningKey(key), onError: console.error })
 */
export function createSealer(database: AuditDatabase, options: SealerOptions): Sealer {
  const settings = resolveOptions(options)
  const rounds = createRounds(database, settings)
  planRound(rounds, settings.interval)
  return {
    wake: () => wakeRounds(rounds),
    seal: () => sealAndPublish(database, settings),
    close: () => closeRounds(rounds),
  }
}

async function sealAndPublish(database: AuditDatabase, settings: SealerSettings): Promise<SealReport> {
  const { batch, signer, onCheckpoint } = settings
  const sealed = await sealAll(database, { batch, ...(signer && { signer }) })
  if (sealed.checkpoint) await onCheckpoint?.(sealed.checkpoint)
  return sealed
}

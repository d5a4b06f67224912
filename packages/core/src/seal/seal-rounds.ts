import { setImmediate } from 'node:timers/promises'
import { AuditError } from '../errors.ts'
import type { AuditDatabase } from '../store/audit-database.ts'
import { type SealedBatch, sealOnce } from './seal-once.ts'
import type { SealerSettings } from './sealer-options.ts'

/** The background work of one sealer: a round drains the queue and plans the next round. */
export interface Rounds {
  readonly database: AuditDatabase
  readonly settings: SealerSettings
  /** Calls off the planned round. */
  cancel: () => void
  /** The round under way. */
  running: Promise<void> | undefined
  closed: boolean
  /** Something was written since the last round began. */
  woken: boolean
  /** Rounds that failed in a row. */
  failures: number
  /** Rounds in a row that found nothing. */
  idle: number
  /** Rounds to let pass before a checkpoint is tried again that was refused. */
  checkpointPause: number
  /** What was reported last and is still so: not to be repeated each second. */
  reported: string
}

const LONGEST_PAUSE = 60_000
/** Intervals that an idle sealer lets pass: it only looks for what processes without a sealer have written. */
const IDLE_INTERVALS = 10

/** Creates the work of a sealer, without starting it. */
export function createRounds(database: AuditDatabase, settings: SealerSettings): Rounds {
  return {
    database,
    settings,
    cancel: () => {},
    running: undefined,
    closed: false,
    woken: false,
    failures: 0,
    idle: 0,
    checkpointPause: 0,
    reported: '',
  }
}

/** Plans the next round in place of the one planned. */
export function planRound(rounds: Rounds, delay: number): void {
  rounds.cancel()
  rounds.cancel = rounds.settings.schedule(() => beginRound(rounds), delay)
}

/** Brings the next round forward. After a failure the pause is kept, and a round under way plans the next one itself. */
export function wakeRounds(rounds: Rounds): void {
  if (rounds.woken || rounds.closed) return
  rounds.woken = true
  if (rounds.running === undefined && rounds.failures === 0) planRound(rounds, rounds.settings.interval)
}

/** Ends the rounds and waits for the batch under way. */
export async function closeRounds(rounds: Rounds): Promise<void> {
  rounds.closed = true
  rounds.cancel()
  await rounds.running
}

function beginRound(rounds: Rounds): void {
  rounds.woken = false
  rounds.running = runRound(rounds).then((delay) => {
    rounds.running = undefined
    if (!rounds.closed) planRound(rounds, delay)
  })
}

/** Runs one round and returns the pause after it. Failures are reported, never thrown: nobody waits for a round. */
async function runRound(rounds: Rounds): Promise<number> {
  const { interval, longestIdle } = rounds.settings
  try {
    const isBusy = (await drain(rounds)) || rounds.woken
    rounds.failures = 0
    rounds.idle = isBusy ? 0 : rounds.idle + 1
    return isBusy ? interval : Math.min(interval * IDLE_INTERVALS * 2 ** (rounds.idle - 1), longestIdle)
  } catch (error) {
    rounds.failures += 1
    // Whoever ends a pool may take its clients away first.
    await setImmediate()
    if (!rounds.closed) report(rounds, error)
    return Math.min(interval * 2 ** rounds.failures, Math.max(LONGEST_PAUSE, interval))
  }
}

/** Links until the queue is empty. Tells whether there was anything to do, for this sealer or for another. */
async function drain(rounds: Rounds): Promise<boolean> {
  for (let isBusy = false; ; isBusy = true) {
    const result = await sealOnce(rounds.database, batchOptions(rounds))
    if (result.skipped) return true
    reportProblems(rounds, result)
    await publish(rounds, result)
    if (!result.isMore || rounds.closed) return isBusy || result.sealed > 0
  }
}

function batchOptions({ settings: { batch, checkpointInterval, signer }, checkpointPause }: Rounds) {
  return {
    batch,
    ...(signer && { signer }),
    ...(checkpointPause === 0 && { checkpointAfter: checkpointInterval }),
  }
}

/** A checkpoint that could not be published is in the table all the same: no reason to seal later. */
async function publish(rounds: Rounds, { checkpoint }: SealedBatch): Promise<void> {
  try {
    if (checkpoint) await rounds.settings.onCheckpoint?.(checkpoint)
  } catch (error) {
    report(rounds, error)
  }
}

function reportProblems(rounds: Rounds, { checkpointError, orphans }: SealedBatch): void {
  const { interval, checkpointInterval } = rounds.settings
  rounds.checkpointPause = Math.max(0, rounds.checkpointPause - 1)
  if (checkpointError) {
    rounds.checkpointPause = Math.ceil(checkpointInterval / interval) - 1
    report(rounds, checkpointError)
  }
  const missing = orphans.join(', ')
  if (missing !== '' && missing !== rounds.reported) report(rounds, removedEntries(orphans))
  rounds.reported = missing
}

function removedEntries(ids: readonly string[]): AuditError {
  const message = `Entries wait to be sealed that do not exist: ${ids.slice(0, 10).join(', ')}. Someone has removed them. Their places in the queue are kept.`
  return new AuditError('AUDIT_ENTRY_NOT_FOUND', message, {
    facts: { ids: ids.slice(0, 100), count: ids.length },
  })
}

function report({ settings }: Rounds, error: unknown): void {
  try {
    settings.onError(error)
  } catch (cause) {
    // A failing report must not end the sealer or the process.
    process.emitWarning(`The onError of the audit sealer has thrown: ${String(cause)}`, 'AuditWarning')
  }
}

import { KeyObject } from 'node:crypto'
import type { NoteSigner } from '../chain/note-key.ts'
import {
  aFunction,
  checkOptions,
  mustBe,
  numberAboveZero,
  type OptionRules,
} from '../configuration/check-options.ts'
import { longestTimer } from '../configuration/longest-timer.ts'
import type { SealedCheckpoint } from './seal-report.ts'

/** How a `Sealer` works. Every field but `onError` is optional. */
export interface SealerOptions {
  /**
   * Pause between rounds, in milliseconds: the longest that an entry waits for its link after `wake`. Where nobody calls
   * `wake` and nothing was found, ten of them pass. Each round costs one short transaction. Default 1000.
   */
  readonly interval?: number
  /**
   * Above ten intervals, the pause doubles up to this many milliseconds while nothing is found and nobody calls `wake`. A
   * sealer that looks too often keeps a connection of its pool from ever being idle, and so the process from ending by
   * itself. Default: ten intervals.
   */
  readonly longestIdle?: number
  /**
   * Entries linked in one transaction at most. More make the sealer faster on a backlog and cost memory: a batch is held
   * with its images. Default 1000.
   */
  readonly batch?: number
  /** The longest that new links stay without a checkpoint, in milliseconds. A checkpoint reads the links since the last one. Default 60,000. */
  readonly checkpointInterval?: number
  /** The key that signs checkpoints, from `parseSigningKey`. Default: checkpoints are not signed, and anyone who may write the tables can redo them. */
  readonly signer?: NoteSigner
  /** Hears of every failure in the background. The sealer tries again, after a longer and longer pause of at most a minute. */
  readonly onError: (error: unknown) => void
  /**
   * Receives each checkpoint once it is committed, to be kept outside the database. A crash between commit and call loses
   * the call; the next checkpoint covers all the same. Default: nothing.
   */
  readonly onCheckpoint?: (checkpoint: SealedCheckpoint) => void | Promise<void>
  /** Calls `work` once, later, and returns what calls it off. Default: a timer that does not keep the process alive. */
  readonly schedule?: (work: () => void, delay: number) => () => void
}

/** Options after their check, with defaults in place. */
export type SealerSettings = Required<Omit<SealerOptions, 'signer' | 'onCheckpoint'>> &
  Pick<SealerOptions, 'signer' | 'onCheckpoint'>

/** What each option may be, but those that only this package gives. */
export const sealRules: OptionRules<Omit<SealerOptions, 'onError' | 'schedule'>> = {
  interval: numberAboveZero,
  longestIdle: numberAboveZero,
  batch: numberAboveZero,
  checkpointInterval: numberAboveZero,
  signer: mustBe('a key from parseSigningKey()', isSigner),
  onCheckpoint: aFunction,
}

const rules: OptionRules<SealerOptions> = { ...sealRules, onError: aFunction, schedule: aFunction }

/** Checks options once. @throws AuditError `AUDIT_OPTION_INVALID` naming the option. */
export function resolveOptions(options: SealerOptions): SealerSettings {
  checkOptions(options, rules)
  const { interval = 1000, batch = 1000, checkpointInterval = 60_000, ...rest } = options
  const { longestIdle = 10 * interval, schedule = scheduleUnref } = options
  return { ...rest, interval, batch, checkpointInterval, longestIdle, schedule }
}

function isSigner(value: unknown): boolean {
  return (
    value !== null &&
    typeof value === 'object' &&
    'privateKey' in value &&
    value.privateKey instanceof KeyObject
  )
}

function scheduleUnref(work: () => void, delay: number): () => void {
  const timer = setTimeout(work, Math.min(delay, longestTimer)).unref()
  return () => clearTimeout(timer)
}

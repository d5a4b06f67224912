import { type NoteVerifier, parseVerifierKey } from '../chain/note-key.ts'
import { type CheckpointNote, readCheckpointNote } from '../chain/stored-checkpoint.ts'
import { AuditError } from '../errors.ts'

/** How far a verification has come. */
export interface VerifyProgress {
  /** Links read: the sequence number of the last one. */
  readonly size: number
  /** Links that there were when it began. */
  readonly total: number
}

/** What {@link verifyLog} is told. Every field is optional. */
export interface VerifyOptions {
  /**
   * Verifier keys, `<name>+<id>+<base64>`. Checkpoints must then be signed by one of them, all from the first on that is.
   * Default: none. Signatures are then not judged, and what the database's administrators rewrite goes unnoticed.
   */
  readonly publicKeys?: readonly string[]
  /**
   * Checkpoints that were kept outside the database, as notes. They are believed, whether signed or not: one such note
   * proves every entry before it and their order. Default: none.
   */
  readonly knownCheckpoints?: readonly string[]
  /**
   * Reads only what came after this checkpoint: a note known from outside, or `last-signed`, the last one in the table that
   * one of `publicKeys` has signed. Entries before it are not read; the report tells so. Default: everything is read.
   */
  readonly from?: 'last-signed' | { readonly note: string }
  /** Milliseconds after which an entry that waits for the sealer is a finding. Default 60,000. */
  readonly unsealedAfter?: number
  /**
   * Milliseconds to wait before looking again at entries that seem to wait too long: those of a long transaction are old when
   * they appear, and the sealer may be about to take them. Costs this pause, if there are such entries. Default 2500.
   */
  readonly unsealedGrace?: number
  /** Links read at a time, with the images of their entries: memory against round trips. Default 1000. */
  readonly pageSize?: number
  /** Findings of each kind to report in full; the rest is counted. Default 100. */
  readonly maxFindings?: number
  /** Hears of each page. */
  readonly onProgress?: (progress: VerifyProgress) => void
}

/** Options after their check. */
export interface VerifySettings {
  readonly verifiers: readonly NoteVerifier[]
  readonly known: readonly CheckpointNote[]
  readonly from: 'last-signed' | CheckpointNote | undefined
  readonly unsealedAfter: number
  readonly unsealedGrace: number
  readonly pageSize: number
  readonly maxFindings: number
  readonly onProgress: (progress: VerifyProgress) => void
}

/**
 * Checks options before anything is read.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID`, `AUDIT_KEY_INVALID`, `AUDIT_NOTE_INVALID`.
 */
export function resolveVerifyOptions({
  publicKeys = [],
  knownCheckpoints = [],
  from,
  unsealedAfter = 60_000,
  unsealedGrace = 2500,
  pageSize = 1000,
  maxFindings = 100,
  onProgress = () => {},
}: VerifyOptions): VerifySettings {
  requireWhole({ unsealedAfter, unsealedGrace }, 0)
  requireWhole({ pageSize, maxFindings }, 1)
  const verifiers = publicKeys.map(parseVerifierKey)
  const read = (note: string) => readCheckpointNote(note, verifiers)
  if (from === 'last-signed' && verifiers.length === 0) {
    throw invalidOption('from: "last-signed" needs publicKeys: without a key no signature can be trusted.', {
      from,
    })
  }
  return {
    verifiers,
    known: knownCheckpoints.map(read).toSorted((a, b) => a.checkpoint.size - b.checkpoint.size),
    from: typeof from === 'object' ? read(from.note) : from,
    unsealedAfter,
    unsealedGrace,
    pageSize,
    maxFindings,
    onProgress,
  }
}

function requireWhole(numbers: Readonly<Record<string, number>>, least: number): void {
  for (const [option, value] of Object.entries(numbers)) {
    if (Number.isSafeInteger(value) && value >= least) continue
    throw invalidOption(`${option} must be a whole number from ${least} on, not ${String(value)}.`, {
      option,
      value,
    })
  }
}

function invalidOption(message: string, facts: Readonly<Record<string, unknown>>): AuditError {
  return new AuditError('AUDIT_OPTION_INVALID', message, { facts })
}

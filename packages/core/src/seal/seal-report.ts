import type { Checkpoint } from '../chain/checkpoint.ts'

/** A checkpoint as it was written, with the note to publish. */
export interface SealedCheckpoint extends Checkpoint {
  /** The text of the checkpoint; with a signer, a C2SP signed note. */
  readonly note: string
}

/** What a call of `seal` has done. */
export interface SealReport {
  /** Entries that this call has linked. Others may have been linked meanwhile by another sealer. */
  readonly sealed: number
  /** Links in the log now. */
  readonly size: number
  /** The checkpoint over them that this call has written; null when the last one covers them already. */
  readonly checkpoint: SealedCheckpoint | null
}

import type { CheckpointNote } from '../chain/stored-checkpoint.ts'
import type { ChainResult } from '../chain/verify-chain.ts'
import type { VerifySettings } from './verify-options.ts'

/** What a report must not leave unsaid, though it is no finding. */
export function collectWarnings(
  { start, chain }: { readonly start: CheckpointNote | undefined; readonly chain: ChainResult },
  { from, verifiers }: VerifySettings,
): readonly string[] {
  return [
    ...(chain.vouchedSize === 0 && chain.size > 0 ? [noEvidence(chain, verifiers.length)] : []),
    ...(start
      ? [`Entries 1 to ${start.checkpoint.size} of the log were not read: a trusted checkpoint covers them.`]
      : []),
    ...(from !== undefined && start === undefined ? [fallback(from)] : []),
  ]
}

function noEvidence({ checkpoints }: ChainResult, keys: number): string {
  const reason =
    keys > 0 ? 'No checkpoint that fits the log is signed by the keys given' : 'No public key was given'
  const signed = checkpoints.signed > 0 && keys === 0 ? ` (${checkpoints.signed} checkpoints are signed)` : ''
  return `${reason}${signed}, and no checkpoint from outside: whoever may write these tables could have computed all of it anew.`
}

function fallback(from: NonNullable<VerifySettings['from']>): string {
  const reason =
    from === 'last-signed'
      ? 'No checkpoint is signed by the keys given'
      : 'The log does not lead to the checkpoint given'
  return `${reason}, so the whole log was read.`
}

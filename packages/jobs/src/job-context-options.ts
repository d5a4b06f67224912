import { type AuditActor, AuditError, type RedactOptions } from '@indelible/core'

/** How the context travels in a job. Producers and workers need the same. */
export interface JobContextOptions {
  /**
   * Signs the context that a job carries (HMAC-SHA256), so that who can write to the queue cannot write an actor: at least 16
   * characters, the same in producers and workers. Of several, the first signs and each verifies, so that keys can be changed
   * one by one. Without it a context is worth as much as the access to the queue.
   */
  readonly signingKey?: string | readonly string[]
  /**
   * The longest context that a job may carry, in characters. A longer one is carried without its `request` and `metadata`,
   * which is noted in it; one that is still too long is refused with `AUDIT_CONTEXT_INVALID`. @default 16384
   */
  readonly longestContext?: number
  /** Which fields of the context are masked before they reach the queue. @default the built-in names (password, token, card, …) */
  readonly redact?: RedactOptions
}

/** How a job runs. */
export interface JobRunOptions extends JobContextOptions {
  /**
   * Who acts where nobody asked: in jobs of a schedule, and in jobs that carry no context. Without it, a scheduled job is done
   * by `{ type: 'service', id: <queue> }` and a job without context by nobody, so that `onMissingActor` decides about its writes.
   */
  readonly actor?: AuditActor
  /** A job that carries no context: `allow` it, or `reject` it with `AUDIT_CONTEXT_MISSING`. @default 'allow' */
  readonly onMissingContext?: 'allow' | 'reject'
  /**
   * A context that is malformed, too long, or not signed by a key of ours: `reject` fails the job with `AUDIT_CONTEXT_INVALID`
   * before any of its code runs, `anonymous` runs it without an actor and notes `metadata.invalidContext`. @default 'reject'
   */
  readonly onInvalidContext?: 'reject' | 'anonymous'
}

/** {@link JobContextOptions} after their check. */
export interface ResolvedContextOptions {
  readonly signingKeys: readonly string[]
  readonly longestContext: number
  readonly redact: RedactOptions | undefined
}

/** {@link JobRunOptions} after their check. */
export interface ResolvedRunOptions extends ResolvedContextOptions {
  readonly actor: AuditActor | undefined
  readonly onMissingContext: 'allow' | 'reject'
  readonly onInvalidContext: 'reject' | 'anonymous'
}

const contextNames = ['signingKey', 'longestContext', 'redact']
const runNames = [...contextNames, 'actor', 'onMissingContext', 'onInvalidContext']

/** Checks a producer's options. @throws AuditError `AUDIT_OPTION_INVALID` naming the option. */
export function resolveContextOptions(options: JobContextOptions): ResolvedContextOptions {
  requireKnown(options, contextNames)
  return contextOptions(options)
}

/** Checks a worker's options. @throws AuditError `AUDIT_OPTION_INVALID` naming the option. */
export function resolveRunOptions(options: JobRunOptions): ResolvedRunOptions {
  requireKnown(options, runNames)
  const { actor, onMissingContext = 'allow', onInvalidContext = 'reject' } = options
  requireChoice('onMissingContext', onMissingContext, ['allow', 'reject'])
  requireChoice('onInvalidContext', onInvalidContext, ['reject', 'anonymous'])
  if (actor !== undefined && typeof actor?.id !== 'string') {
    throw invalid('actor', 'actor must be an object with a string id.')
  }
  return { ...contextOptions(options), actor, onMissingContext, onInvalidContext }
}

function contextOptions({
  signingKey = [],
  longestContext = 16_384,
  redact,
}: JobContextOptions): ResolvedContextOptions {
  const signingKeys = typeof signingKey === 'string' ? [signingKey] : [...signingKey]
  if (!signingKeys.every((key) => typeof key === 'string' && key.length >= 16)) {
    throw invalid('signingKey', 'A signingKey must be a text of at least 16 characters.')
  }
  if (!Number.isSafeInteger(longestContext) || longestContext < 256) {
    throw invalid('longestContext', 'longestContext must be a whole number of at least 256.')
  }
  return { signingKeys, longestContext, redact }
}

function requireKnown(options: object, names: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw invalid(unknown, `Unknown option ${unknown}; known are: ${names.join(', ')}.`)
}

function requireChoice(option: string, value: unknown, choices: readonly string[]): void {
  if (choices.some((choice) => choice === value)) return
  throw invalid(option, `${option} must be one of: ${choices.join(', ')}.`)
}

function invalid(option: string, message: string): AuditError {
  return new AuditError('AUDIT_OPTION_INVALID', message, { facts: { option } })
}

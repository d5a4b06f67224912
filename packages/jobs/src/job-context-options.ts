import {
  type AuditActor,
  checkedElsewhere,
  checkOptions,
  createRedaction,
  mustBe,
  type OptionRules,
  oneOf,
  type Redaction,
  type RedactOptions,
} from '@indelible/core'

/** How the context travels in a job. Producers and workers need the same. */
export interface JobContextOptions {
  /**
   * Signs the context that a job carries (HMAC-SHA256), so that who can write to the queue cannot write an actor: at least 16
   * characters, the same in producers and workers. Of several, the first signs and each verifies, so that keys can be changed
   * one by one. An empty list is refused. Without it a context is worth as much as the access to the queue.
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
  /** Absent where the built-in names are all that is secret. */
  readonly redaction: Redaction | undefined
}

/** {@link JobRunOptions} after their check. */
export interface ResolvedRunOptions extends ResolvedContextOptions {
  readonly actor: AuditActor | undefined
  readonly onMissingContext: 'allow' | 'reject'
  readonly onInvalidContext: 'reject' | 'anonymous'
}

const contextRules: OptionRules<JobContextOptions> = {
  signingKey: mustBe('a text of at least 16 characters, or a list of these that is not empty', isSigningKey),
  longestContext: mustBe('a whole number of at least 256', isLength),
  redact: checkedElsewhere,
}

const runRules: OptionRules<JobRunOptions> = {
  ...contextRules,
  actor: mustBe('an object with a string id that is not empty', isActor),
  onMissingContext: oneOf('allow', 'reject'),
  onInvalidContext: oneOf('reject', 'anonymous'),
}

/** Checks a producer's options. @throws AuditError `AUDIT_OPTION_INVALID` naming the option. */
export function resolveContextOptions(options: JobContextOptions): ResolvedContextOptions {
  checkOptions(options, contextRules)
  return contextOptions(options)
}

/** Checks a worker's options. @throws AuditError `AUDIT_OPTION_INVALID` naming the option. */
export function resolveRunOptions(options: JobRunOptions): ResolvedRunOptions {
  checkOptions(options, runRules)
  const { actor, onMissingContext = 'allow', onInvalidContext = 'reject' } = options
  return { ...contextOptions(options), actor, onMissingContext, onInvalidContext }
}

function contextOptions({
  signingKey = [],
  longestContext = 16_384,
  redact,
}: JobContextOptions): ResolvedContextOptions {
  return {
    signingKeys: typeof signingKey === 'string' ? [signingKey] : [...signingKey],
    longestContext,
    redaction: redact === undefined ? undefined : createRedaction(redact),
  }
}

/** An empty list would verify nothing: it is what is left of keys that nobody has set. */
function isSigningKey(value: unknown): boolean {
  const keys: readonly unknown[] = Array.isArray(value) ? value : [value]
  return keys.length > 0 && keys.every((key) => typeof key === 'string' && key.length >= 16)
}

function isLength(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 256
}

function isActor(value: unknown): boolean {
  const id: unknown = value !== null && typeof value === 'object' && 'id' in value ? value.id : undefined
  return typeof id === 'string' && id.trim() !== ''
}

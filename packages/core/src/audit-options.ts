import {
  type CaptureOptions,
  type ResolvedCaptureOptions,
  resolveCaptureOptions,
} from './capture/capture-options.ts'
import { addEnvironment } from './configuration/add-environment.ts'
import type { Environment } from './configuration/environment-values.ts'
import { AuditError } from './errors.ts'
import type { RedactOptions } from './redact/redact-options.ts'
import { createRedaction, type Redaction } from './redact/redaction.ts'
import type { SealerOptions } from './seal/sealer-options.ts'

/** How the sealer inside the application works. */
export type SealOptions = Omit<SealerOptions, 'onError' | 'schedule'>

/**
 * Everything an application may choose about its audit trail. Each field has a default. What is left out may be set by the
 * environment, as in `INDELIBLE_ON_MISSING_ACTOR=reject`; `indelible status` lists the variables that are set.
 */
export interface AuditOptions extends CaptureOptions {
  readonly redact?: RedactOptions
  /**
   * The sealer inside this process, or `false` where another process seals (`indelible seal --watch`). It runs a second
   * after a write at the latest and never keeps the process alive.
   */
  readonly seal?: SealOptions | false
}

/** Options after their check, compiled. */
export interface ResolvedAuditOptions {
  readonly capture: ResolvedCaptureOptions
  readonly redaction: Redaction
  readonly seal: SealOptions | false
}

const known = {
  options: [
    'onUncaptured',
    'onMissingActor',
    'requireReason',
    'completeness',
    'nameStatements',
    'onWarning',
    'redact',
    'seal',
  ],
  requireReason: ['tables', 'actions'],
  redact: ['defaults', 'columns', 'allow', 'tables', 'strategy', 'fingerprintKey'],
  seal: ['interval', 'batch', 'checkpointInterval', 'longestIdle', 'signer', 'onCheckpoint'],
} as const

/**
 * Checks options once, at start-up, so that a typo fails there and not at the first write. What they leave open, the
 * environment may set.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option or the variable.
 */
export function resolveAuditOptions(
  explicit: AuditOptions,
  env: Environment = process.env,
): ResolvedAuditOptions {
  requireKnownOptions(explicit)
  const options = addEnvironment(explicit, env)
  return {
    capture: resolveCaptureOptions(options),
    redaction: createRedaction(options.redact),
    seal: options.seal ?? {},
  }
}

function requireKnownOptions(options: AuditOptions): void {
  requireKnown(options, known.options, '')
  requireKnown(options.requireReason ?? {}, known.requireReason, 'requireReason.')
  requireKnown(options.redact ?? {}, known.redact, 'redact.')
  requireKnown(options.seal || {}, known.seal, 'seal.')
}

function requireKnown(options: object, names: readonly string[], prefix: string): void {
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue
    throw new AuditError(
      'AUDIT_OPTION_INVALID',
      `Unknown option ${prefix}${name}; known are: ${names.join(', ')}.`,
      { facts: { option: `${prefix}${name}` } },
    )
  }
}

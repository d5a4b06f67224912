import {
  type CaptureOptions,
  captureRules,
  type ResolvedCaptureOptions,
  resolveCaptureOptions,
} from './capture/capture-options.ts'
import { addEnvironment } from './configuration/add-environment.ts'
import { checkOptions, type OptionRules, optionsOf, orFalse } from './configuration/check-options.ts'
import type { Environment } from './configuration/environment-values.ts'
import { redactRule } from './redact/check-redact-options.ts'
import type { RedactOptions } from './redact/redact-options.ts'
import { createRedaction, type Redaction } from './redact/redaction.ts'
import { type SealerOptions, sealRules } from './seal/sealer-options.ts'

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

const rules: OptionRules<AuditOptions> = {
  ...captureRules,
  redact: redactRule,
  seal: orFalse(optionsOf(sealRules)),
}

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
  checkOptions(explicit, rules)
  const options = addEnvironment(explicit, env)
  return {
    capture: resolveCaptureOptions(options),
    redaction: createRedaction(options.redact),
    seal: options.seal ?? {},
  }
}

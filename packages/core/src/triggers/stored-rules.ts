import { resolveAuditOptions } from '../audit-options.ts'
import { addEnvironment } from '../configuration/add-environment.ts'
import type { RedactOptions } from '../redact/redact-options.ts'
import type { Redaction } from '../redact/redaction.ts'

/** What capture triggers store of the rules: those given, completed by the environment in which the triggers are made, without the key. */
export function toStoredRules(redact: RedactOptions): RedactOptions {
  const { fingerprintKey: _, ...stored } = addEnvironment({ redact }, process.env).redact ?? {}
  return stored
}

/**
 * Compiles stored rules. They say it all: another process's environment adds nothing. Where they ask for fingerprints any key will do,
 * since triggers mask instead.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 */
export function compileStoredRules(stored: RedactOptions): Redaction {
  return resolveAuditOptions({ redact: { ...stored, fingerprintKey: Buffer.alloc(16) } }, {}).redaction
}

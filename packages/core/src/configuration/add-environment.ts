import type { AuditOptions } from '../audit-options.ts'
import type { Environment } from './environment-values.ts'
import { readEnvironment } from './read-environment.ts'

/**
 * Adds to options what the environment sets and they leave open, field by field.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming a variable that is unknown or says what it cannot say.
 */
export function addEnvironment(options: AuditOptions, env: Environment): AuditOptions {
  const set = readEnvironment('trail', env)
  const { requireReason, redact, seal } = options
  return {
    ...set,
    ...given(options),
    ...(set.requireReason && { requireReason: { ...set.requireReason, ...given(requireReason) } }),
    ...(set.redact && { redact: { ...set.redact, ...given(redact) } }),
    ...(set.seal && seal !== false && { seal: { ...set.seal, ...given(seal) } }),
  }
}

/** An option that is present but undefined is one that was left open. */
function given<Fields extends object>(fields: Fields | undefined): Partial<Fields> {
  return Object.fromEntries(
    Object.entries(fields ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<Fields>
}

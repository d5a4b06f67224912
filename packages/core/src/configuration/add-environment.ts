import type { AuditOptions } from '../audit-options.ts'
import type { Environment } from './environment-values.ts'
import { givenFields } from './given-fields.ts'
import { readEnvironment } from './read-environment.ts'

/**
 * Adds to options what the environment sets and they leave open, field by field.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming a variable that is unknown or says what it cannot say.
 */
export function addEnvironment(options: AuditOptions, env: Environment): AuditOptions {
  const set = readEnvironment('trail', env)
  const { requireReason = {}, redact = {}, seal = {} } = options
  return {
    ...set,
    ...givenFields(options),
    ...(set.requireReason && { requireReason: { ...set.requireReason, ...givenFields(requireReason) } }),
    ...(set.redact && { redact: { ...set.redact, ...givenFields(redact) } }),
    ...(set.seal && seal !== false && { seal: { ...set.seal, ...givenFields(seal) } }),
  }
}

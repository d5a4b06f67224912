import { readFileSync } from 'node:fs'
import type { AuditOptions, SealOptions } from '../audit-options.ts'
import { type NoteSigner, parseSigningKey } from '../chain/note-key.ts'
import { AuditError } from '../errors.ts'
import { checkEnvironment, readVariable } from './check-environment.ts'
import type { Environment, EnvironmentValues, VariableName } from './environment-values.ts'
import { givenFields } from './given-fields.ts'

/** What the environment sets, by whom it is for. What is not set is absent. */
export interface EnvironmentSettings {
  /** Options of the audit trail. */
  readonly trail: AuditOptions
  /** How to seal, wherever that is done: `INDELIBLE_SEAL=off` in the application's environment does not hide the key. */
  readonly sealer: SealOptions
  /** Options of the HTTP middlewares. */
  readonly http: {
    readonly trustedProxies?: number | readonly string[]
    readonly onBadCredentials?: 'anonymous' | 'reject'
    readonly events?: boolean
  }
  /** What a JSON web token is checked against. */
  readonly jwt: {
    readonly issuer?: string
    readonly audience?: readonly string[]
    readonly jwksUrl?: URL
  }
  /** What `indelible run` tells a script. */
  readonly script: {
    readonly reason?: string
    readonly action?: string
    readonly correlationId?: string
  }
}

/**
 * Reads what the environment sets for one part of Indelible. Explicit options are to win over it, field by field.
 *
 * All variables that begin with `INDELIBLE_` are checked, those of other parts too, so that a typo fails at start-up.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the variable, never its value.
 *
 * @example
 * const { trustedProxies = 0 } = { ...readEnvironment('http'), ...options }
 */
export function readEnvironment<Part extends keyof EnvironmentSettings>(
  part: Part,
  env: Environment = process.env,
): EnvironmentSettings[Part] {
  checkEnvironment(env)
  return readers[part]((name) => readVariable(env, name))
}

type Read = <Name extends VariableName>(name: Name) => EnvironmentValues[Name] | undefined
type Readers = { readonly [Part in keyof EnvironmentSettings]: (read: Read) => EnvironmentSettings[Part] }

const readers: Readers = {
  trail: readTrail,
  sealer: readSeal,
  http: (read) =>
    givenFields({
      trustedProxies: read('HTTP_TRUSTED_PROXIES'),
      onBadCredentials: read('HTTP_ON_BAD_CREDENTIALS'),
      events: read('HTTP_EVENTS'),
    }),
  jwt: (read) =>
    givenFields({
      issuer: read('JWT_ISSUER'),
      audience: read('JWT_AUDIENCE'),
      jwksUrl: read('JWT_JWKS_URL'),
    }),
  script: (read) =>
    givenFields({
      reason: read('REASON'),
      action: read('ACTION'),
      correlationId: read('CORRELATION_ID'),
    }),
}

function readTrail(read: Read): AuditOptions {
  const requireReason = givenFields({
    tables: read('REQUIRE_REASON_TABLES'),
    actions: read('REQUIRE_REASON_ACTIONS'),
  })
  const redact = givenFields({
    defaults: read('REDACT_DEFAULTS'),
    columns: read('REDACT_COLUMNS'),
    allow: read('REDACT_ALLOW'),
    strategy: read('REDACT_STRATEGY'),
    fingerprintKey: read('REDACT_FINGERPRINT_KEY'),
  })
  return givenFields({
    onUncaptured: read('ON_UNCAPTURED'),
    onMissingActor: read('ON_MISSING_ACTOR'),
    completeness: read('COMPLETENESS'),
    nameStatements: read('NAME_STATEMENTS'),
    requireReason: unlessEmpty(requireReason),
    redact: unlessEmpty(redact),
    seal: read('SEAL') === false ? false : unlessEmpty(readSeal(read)),
  })
}

function readSeal(read: Read): SealOptions {
  return givenFields({
    interval: read('SEAL_INTERVAL'),
    batch: read('SEAL_BATCH'),
    checkpointInterval: read('SEAL_CHECKPOINT_INTERVAL'),
    longestIdle: read('SEAL_LONGEST_IDLE'),
    signer: readSigner(read('SEAL_KEY'), read('SEAL_KEY_FILE')),
  })
}

function readSigner(key: string | undefined, file: string | undefined): NoteSigner | undefined {
  if (key !== undefined && file !== undefined)
    throw unreadable('INDELIBLE_SEAL_KEY and INDELIBLE_SEAL_KEY_FILE are both set; set one of them.')
  const text = file === undefined ? key : readKeyFile(file)
  return text === undefined ? undefined : parseSigningKey(text)
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw unreadable('The file that INDELIBLE_SEAL_KEY_FILE names could not be read.', cause)
  }
}

function unreadable(message: string, cause?: unknown): AuditError {
  return new AuditError('AUDIT_OPTION_INVALID', message, {
    cause,
    facts: { option: 'INDELIBLE_SEAL_KEY_FILE' },
  })
}

function unlessEmpty<Fields extends object>(fields: Fields): Fields | undefined {
  return Object.keys(fields).length === 0 ? undefined : fields
}

import {
  anyText,
  choice,
  list,
  onOff,
  positive,
  proxies,
  secretText,
  shortText,
  type VariableParser,
  webAddress,
} from './environment-parsers.ts'
import type { EnvironmentValues, VariableName } from './environment-values.ts'

/** What all names begin with. */
export const prefix = 'INDELIBLE_'

/** Whom a variable is for. */
export type VariableGroup = 'trail' | 'http' | 'jwt' | 'script' | 'cli'

/** A variable that Indelible reads. */
export interface EnvironmentVariable<Value> extends VariableParser<Value> {
  readonly group: VariableGroup
  /** What it sets. */
  readonly sets: string
  /** Whether it is never to be shown. */
  readonly secret?: true
}

type Variables = { readonly [Name in VariableName]: EnvironmentVariable<EnvironmentValues[Name]> }

/** Every variable that there is. A name with the prefix that is not here is refused. */
export const variables: Variables = {
  ON_UNCAPTURED: trail('onUncaptured', choice('record', 'warn', 'throw')),
  ON_MISSING_ACTOR: trail('onMissingActor', choice('allow', 'warn', 'reject')),
  COMPLETENESS: trail('completeness', choice('off', 'record', 'throw')),
  NAME_STATEMENTS: trail('nameStatements', onOff),
  REQUIRE_REASON_TABLES: trail('requireReason.tables', list),
  REQUIRE_REASON_ACTIONS: trail('requireReason.actions', list),
  REDACT_DEFAULTS: trail('redact.defaults', onOff),
  REDACT_COLUMNS: trail('redact.columns', list),
  REDACT_ALLOW: trail('redact.allow', list),
  REDACT_STRATEGY: trail('redact.strategy', choice('mask', 'drop', 'fingerprint')),
  REDACT_FINGERPRINT_KEY: { ...trail('redact.fingerprintKey', secretText), secret: true },
  SEAL: trail('seal: whether this process seals', onOff),
  SEAL_INTERVAL: trail('seal.interval, in milliseconds', positive),
  SEAL_BATCH: trail('seal.batch', positive),
  SEAL_CHECKPOINT_INTERVAL: trail('seal.checkpointInterval, in milliseconds', positive),
  SEAL_LONGEST_IDLE: trail('seal.longestIdle, in milliseconds', positive),
  SEAL_KEY: { ...trail('seal.signer: the signing key itself', anyText), secret: true },
  SEAL_KEY_FILE: trail('seal.signer: the file of the signing key', anyText),
  HTTP_TRUSTED_PROXIES: { group: 'http', sets: 'trustedProxies', ...proxies },
  HTTP_ON_BAD_CREDENTIALS: { group: 'http', sets: 'onBadCredentials', ...choice('anonymous', 'reject') },
  HTTP_EVENTS: { group: 'http', sets: 'events: whether requests leave entries of their own', ...onOff },
  JWT_ISSUER: { group: 'jwt', sets: 'issuer', ...anyText },
  JWT_AUDIENCE: { group: 'jwt', sets: 'audience', ...list },
  JWT_JWKS_URL: { group: 'jwt', sets: 'the address of the key set', ...webAddress },
  REASON: { group: 'script', sets: 'reason of a script', ...anyText },
  ACTION: { group: 'script', sets: 'action of a script', ...shortText },
  CORRELATION_ID: { group: 'script', sets: 'correlationId of a script', ...shortText },
  DATABASE_URL: { group: 'cli', sets: 'the database of the indelible command', ...anyText, secret: true },
}

function trail<Value>(sets: string, parser: VariableParser<Value>): EnvironmentVariable<Value> {
  return { group: 'trail', sets, ...parser }
}

/** Tells whether a text, without the prefix, is the name of a variable. */
export function isVariableName(name: string): name is VariableName {
  return Object.hasOwn(variables, name)
}

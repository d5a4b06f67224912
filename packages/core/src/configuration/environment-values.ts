import type { Completeness, OnMissingActor, OnUncaptured } from '../capture/capture-options.ts'
import type { RedactStrategy } from '../redact/redact-options.ts'

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What each variable says once it is read, by its name without `INDELIBLE_`. */
export interface EnvironmentValues {
  readonly ON_UNCAPTURED: OnUncaptured
  readonly ON_MISSING_ACTOR: OnMissingActor
  readonly COMPLETENESS: Completeness
  readonly NAME_STATEMENTS: boolean
  readonly REQUIRE_REASON_TABLES: readonly string[]
  readonly REQUIRE_REASON_ACTIONS: readonly string[]
  readonly REDACT_DEFAULTS: boolean
  readonly REDACT_COLUMNS: readonly string[]
  readonly REDACT_ALLOW: readonly string[]
  readonly REDACT_STRATEGY: RedactStrategy
  readonly REDACT_FINGERPRINT_KEY: string
  readonly SEAL: boolean
  readonly SEAL_INTERVAL: number
  readonly SEAL_BATCH: number
  readonly SEAL_CHECKPOINT_INTERVAL: number
  readonly SEAL_LONGEST_IDLE: number
  readonly SEAL_KEY: string
  readonly SEAL_KEY_FILE: string
  readonly HTTP_TRUSTED_PROXIES: number | readonly string[]
  readonly HTTP_ON_BAD_CREDENTIALS: 'anonymous' | 'reject'
  readonly HTTP_EVENTS: boolean
  readonly JWT_ISSUER: string
  readonly JWT_AUDIENCE: readonly string[]
  readonly JWT_JWKS_URL: URL
  readonly REASON: string
  readonly ACTION: string
  readonly CORRELATION_ID: string
  readonly DATABASE_URL: string
}

/** The name of a variable without `INDELIBLE_`. */
export type VariableName = keyof EnvironmentValues

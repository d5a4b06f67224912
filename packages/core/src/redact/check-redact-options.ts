import {
  listOfNames,
  mustBe,
  type OptionRule,
  type OptionRules,
  oneOf,
  optionInvalid,
  optionsOf,
  recordOf,
  trueOrFalse,
} from '../configuration/check-options.ts'
import type { RedactOptions, RedactStrategy } from './redact-options.ts'
import { isMatchableName } from './secret-names.ts'

const strategies: readonly RedactStrategy[] = ['mask', 'drop', 'fingerprint']
const shortestKey = 16

const rules: OptionRules<RedactOptions> = {
  defaults: trueOrFalse,
  columns: matchableNames,
  allow: listOfNames,
  tables: recordOf(recordOf(oneOf(false, ...strategies))),
  strategy: oneOf(...strategies),
  fingerprintKey: mustBe(`a text or bytes, at least ${shortestKey} bytes of them`, isKey),
}

/** Checks redaction options. */
export const redactRule: OptionRule = optionsOf(rules)

/** Makes sure that fingerprints have a key. @throws AuditError `AUDIT_OPTION_INVALID`. */
export function requireFingerprintKey({ fingerprintKey, strategy, tables = {} }: RedactOptions): void {
  const wanted =
    strategy === 'fingerprint' || Object.values(tables).flatMap(Object.values).includes('fingerprint')
  if (!wanted || fingerprintKey !== undefined) return
  throw optionInvalid('redact.fingerprintKey', 'is needed by the strategy "fingerprint"')
}

function matchableNames(value: unknown, option: string): void {
  listOfNames(value, option)
  // One-line bridge: it is a list of texts by now.
  const name = (value as readonly string[]).find((each) => !isMatchableName(each))
  if (name === undefined) return
  throw optionInvalid(
    option,
    `holds "${name}", which has no letter from a to z to match by; name its column in redact.tables`,
  )
}

function isKey(value: unknown): boolean {
  const isBytes = typeof value === 'string' || value instanceof Uint8Array
  return isBytes && Buffer.byteLength(value) >= shortestKey
}

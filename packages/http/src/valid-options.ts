import { AuditError } from '@indelible/core'
import type { HttpAuditOptions } from './http-audit-options.ts'

/** The names of options, with those of their parts; `true` where the parts are checked elsewhere. */
export interface OptionNames {
  readonly [name: string]: true | OptionNames
}

/** Every option of {@link HttpAuditOptions}. */
export const knownOptions: OptionNames = {
  audit: true,
  actor: true,
  onBadCredentials: true,
  correlation: { headers: true, responseHeader: true, trust: true },
  tenant: true,
  trustedProxies: true,
  request: { query: true, userAgent: true, body: { maxBytes: true } },
  events: { methods: true, exclude: true, anonymous: true, failures: true, maxPending: true },
  redact: {
    defaults: true,
    columns: true,
    allow: true,
    tables: true,
    strategy: true,
    fingerprintKey: true,
  },
  onError: true,
}

/** Refuses names that are no option: a typo must fail at start-up. @throws AuditError `AUDIT_OPTION_INVALID`. */
export function requireKnownOptions(options: unknown, names: OptionNames, prefix = ''): void {
  if (options === null || typeof options !== 'object' || Array.isArray(options))
    throw invalid(prefix.slice(0, -1) || 'options', 'must be an object')
  for (const [name, value] of Object.entries(options)) {
    const parts = Object.hasOwn(names, name) ? names[name] : undefined
    if (parts === undefined)
      throw invalid(`${prefix}${name}`, `is unknown; known are: ${Object.keys(names).join(', ')}`)
    if (parts !== true && value !== undefined && value !== false)
      requireKnownOptions(value, parts, `${prefix}${name}.`)
  }
}

// What the types say, for callers without them. Proxies and redaction are checked where they are compiled.
const rules: Readonly<Record<string, readonly [(value: unknown) => boolean, string]>> = {
  audit: [isRecorder, 'must be the audit of an ORM, or a function that returns it'],
  actor: [isResolvers, 'must be a function or a list of functions'],
  onBadCredentials: [
    (value) => value === 'anonymous' || value === 'reject',
    "must be 'anonymous' or 'reject'",
  ],
  'correlation.headers': [isHeaderNames, 'must be a list of header names'],
  'correlation.responseHeader': [
    (value) => value === false || isHeaderName(value),
    'must be a header name or false',
  ],
  'correlation.trust': [isBoolean, 'must be true or false'],
  tenant: [isFunction, 'must be a function'],
  'request.query': [isBoolean, 'must be true or false'],
  'request.userAgent': [isBoolean, 'must be true or false'],
  'request.body.maxBytes': [isBodySize, 'must be a whole number from 1 to 50,000'],
  'events.methods': [isHeaderNames, 'must be a list of methods'],
  'events.exclude': [isPatterns, 'must be a list of paths that begin with / and regular expressions'],
  'events.anonymous': [isBoolean, 'must be true or false'],
  'events.failures': [isBoolean, 'must be true or false'],
  'events.maxPending': [isCount, 'must be a whole number above 0'],
  onError: [isFunction, 'must be a function'],
}

/** Checks the values. @throws AuditError `AUDIT_OPTION_INVALID` naming the option. */
export function requireValidOptions<Native>(options: HttpAuditOptions<Native>): void {
  for (const [option, [isValid, message]] of Object.entries(rules)) {
    const value = valueAt(options, option.split('.'))
    if (value !== undefined && !isValid(value)) throw invalid(option, message)
  }
  const body: unknown = options.request?.body
  if (body === true) throw invalid('request.body', 'must be false or an object')
  if (options.events && options.audit === undefined)
    throw invalid('events', 'needs audit: without it there is nowhere to write them')
}

function valueAt(options: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return options
  if (options === null || typeof options !== 'object') return undefined
  return valueAt((options as Readonly<Record<string, unknown>>)[name], rest)
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function isRecorder(value: unknown): boolean {
  const isAudit = value !== null && typeof value === 'object' && 'record' in value && isFunction(value.record)
  return isFunction(value) || isAudit
}

function isResolvers(value: unknown): boolean {
  return isFunction(value) || (Array.isArray(value) && value.every(isFunction))
}

// RFC 9110, 5.6.2: a token. Methods are tokens too.
function isHeaderName(value: unknown): boolean {
  return typeof value === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value)
}

function isHeaderNames(value: unknown): boolean {
  return Array.isArray(value) && value.every(isHeaderName)
}

function isPatterns(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => each instanceof RegExp || String(each).startsWith('/'))
}

// An event holds 65,536 bytes of metadata at most.
function isBodySize(value: unknown): boolean {
  return isCount(value) && Number(value) <= 50_000
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0
}

function invalid(option: string, message: string): AuditError {
  return new AuditError('AUDIT_OPTION_INVALID', `Option ${option} ${message}.`, { facts: { option } })
}

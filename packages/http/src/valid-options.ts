import {
  aFunction,
  checkedElsewhere,
  checkOptions,
  mustBe,
  numberAboveZero,
  type OptionRules,
  oneOf,
  optionInvalid,
  optionsOf,
  orFalse,
  trueOrFalse,
} from '@indelible/core'
import type {
  CorrelationOptions,
  EventOptions,
  HttpAuditOptions,
  RequestFactOptions,
} from './http-audit-options.ts'

const listOfTokens = mustBe('a list of names as HTTP has them', isTokens)

// What the types say, for callers without them. Proxies and redaction are checked where they are compiled.
const rules: OptionRules<HttpAuditOptions> = {
  audit: mustBe('the audit of an ORM, or a function that returns it', isRecorder),
  actor: mustBe('a function or a list of functions', isResolvers),
  onBadCredentials: oneOf('anonymous', 'reject'),
  correlation: optionsOf<CorrelationOptions>({
    headers: listOfTokens,
    responseHeader: mustBe('a header name or false', (value) => value === false || isToken(value)),
    trust: trueOrFalse,
  }),
  tenant: aFunction,
  trustedProxies: checkedElsewhere,
  request: optionsOf<RequestFactOptions>({
    query: trueOrFalse,
    userAgent: trueOrFalse,
    body: orFalse(optionsOf({ maxBytes: mustBe('a whole number from 1 to 50,000', isBodySize) })),
  }),
  events: orFalse(
    optionsOf<EventOptions>({
      methods: listOfTokens,
      exclude: mustBe('a list of paths that begin with / and regular expressions', isPatterns),
      anonymous: trueOrFalse,
      failures: trueOrFalse,
      maxPending: numberAboveZero,
    }),
  ),
  redact: checkedElsewhere,
  onError: aFunction,
}

/** Checks names and values of options: a typo must fail at start-up. @throws AuditError `AUDIT_OPTION_INVALID` naming the option. */
export function requireValidOptions<Native>(options: HttpAuditOptions<Native>): void {
  checkOptions<HttpAuditOptions<Native>>(options, rules)
  if (options.events && options.audit === undefined)
    throw optionInvalid('events', 'needs audit: without it there is nowhere to write them')
}

/** Tells a token of HTTP, such as the name of a header, a method or a scheme (RFC 9110, 5.6.2). */
export function isToken(value: unknown): boolean {
  return typeof value === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value)
}

function isTokens(value: unknown): boolean {
  return Array.isArray(value) && value.every(isToken)
}

function isRecorder(value: unknown): boolean {
  const isAudit =
    value !== null && typeof value === 'object' && 'record' in value && typeof value.record === 'function'
  return typeof value === 'function' || isAudit
}

function isResolvers(value: unknown): boolean {
  const resolvers: readonly unknown[] = Array.isArray(value) ? value : [value]
  return resolvers.every((each) => typeof each === 'function')
}

function isPatterns(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => each instanceof RegExp || String(each).startsWith('/'))
}

// An event holds 65,536 bytes of metadata at most.
function isBodySize(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= 50_000
}

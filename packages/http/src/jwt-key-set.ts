import { AuditError, checkedElsewhere, checkOptions, mustBe, type OptionRules } from '@indelible/core'
import { createRemoteJWKSet, customFetch, type FetchImplementation, type RemoteJWKSet } from 'jose'

/** Where the public keys of an issuer stand, and how long they are kept. */
export interface JwtKeySetOptions {
  /** Over https, or on this machine: whoever can change the answer can be anybody. */
  readonly url: URL
  /** The longest that keys are used without asking again, in milliseconds. @default 600,000 */
  readonly maxAge?: number
  /** The shortest time between two questions for an unknown key id, in milliseconds: anyone can send one. @default 30,000 */
  readonly cooldown?: number
  /** The longest that an answer may take, in milliseconds. @default 5000 */
  readonly timeout?: number
}

const milliseconds = mustBe(
  'a number of milliseconds',
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
)
const rules: OptionRules<JwtKeySetOptions> = {
  url: checkedElsewhere,
  maxAge: milliseconds,
  cooldown: milliseconds,
  timeout: milliseconds,
}

// A set of keys has some kilobytes.
const longestAnswer = 1_000_000
const thisMachine = ['localhost', '127.0.0.1', '[::1]']

/** Prepares the fetching of keys; the first token that needs one starts it. @throws AuditError `AUDIT_OPTION_INVALID`. */
export function createKeySet(options: JwtKeySetOptions | URL): RemoteJWKSet {
  if (!(options instanceof URL)) checkOptions(options, rules, 'actorFromJwt.jwks')
  const {
    url,
    maxAge = 600_000,
    cooldown = 30_000,
    timeout = 5000,
  } = options instanceof URL ? { url: options } : options
  requireUrl(url)
  return createRemoteJWKSet(url, {
    cacheMaxAge: maxAge,
    cooldownDuration: cooldown,
    timeoutDuration: timeout,
    [customFetch]: fetchLimited,
  })
}

const fetchLimited: FetchImplementation = async (url, options) => {
  const response = await fetch(url, options)
  const { status } = response
  if (status !== 200 || response.body === null) return response
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    size += chunk.length
    // Leaving the loop closes the connection.
    if (size > longestAnswer) throw new RangeError(`The set of keys is longer than ${longestAnswer} bytes.`)
    chunks.push(chunk)
  }
  return new Response(Buffer.concat(chunks), { status })
}

function requireUrl(url: unknown): void {
  if (!(url instanceof URL)) throw invalid(' must be a URL, or { url } and how long its keys are kept')
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && thisMachine.includes(url.hostname))
  if (!isSafe) throw invalid(' must be fetched over https: whoever can change the answer can be anybody')
  if (url.username !== '' || url.password !== '') throw invalid(' must not hold a password')
}

function invalid(problem: string): AuditError {
  const option = 'actorFromJwt.jwks'
  return new AuditError('AUDIT_OPTION_INVALID', `${option}${problem}.`, { facts: { option } })
}

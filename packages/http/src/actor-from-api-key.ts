import { inspect } from 'node:util'
import { AuditError, aText, checkedElsewhere, checkOptions, mustBe, type OptionRules } from '@indelible/core'
import type { ActorDescription } from './actor-from-user.ts'
import { toActorId } from './actor-id.ts'
import type { ActorResolver, BadCredentials, ResolvedActor } from './actor-resolver.ts'
import { type ApiKeyHashes, createApiKeySearch } from './api-key-list.ts'
import { readCredentialHeader, requireHeaderName } from './header-value.ts'
import { isToken } from './valid-options.ts'

/** Where keys stand, and whose they are: `find` or `keys`. */
export interface ActorFromApiKeyOptions {
  /** @default 'x-api-key' */
  readonly header?: string
  /** The scheme before the key, as in `authorization: ApiKey …`; other schemes are left to the next resolver. @default none */
  readonly scheme?: string
  /** Finds the actor of a key, best by its hash; `undefined` where there is none. Of the key nothing is kept. */
  readonly find?: (key: string) => ActorDescription | undefined | Promise<ActorDescription | undefined>
  /** A static list: ids with the SHA-256 of their keys, compared in constant time. */
  readonly keys?: ApiKeyHashes
  /** Of the actor, unless `find` names another. @default 'service' */
  readonly type?: string
}

type Find = NonNullable<ActorFromApiKeyOptions['find']>

const rules: OptionRules<ActorFromApiKeyOptions> = {
  header: checkedElsewhere,
  scheme: mustBe('a word such as ApiKey, without blanks', isToken),
  find: checkedElsewhere,
  keys: checkedElsewhere,
  type: aText,
}
const longestKey = 1024
const unknownKey: BadCredentials = Object.freeze({ badCredentials: 'unknown-api-key' })
const malformed: BadCredentials = Object.freeze({ badCredentials: 'malformed' })

/**
 * Takes the actor from an API key. The key reaches no entry, message or log: an error of `find` that shows it is replaced.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` at start-up naming the option.
 * @example
 * actorFromApiKey({ keys: { 'billing-service': '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' } })
 */
export function actorFromApiKey<Native = unknown>(options: ActorFromApiKeyOptions): ActorResolver<Native> {
  checkOptions(options, rules, 'actorFromApiKey')
  const header = requireHeaderName(options.header ?? 'x-api-key', 'actorFromApiKey.header')
  const find = requireSource(options)
  const { type = 'service' } = options
  const prefix = options.scheme === undefined ? '' : `${options.scheme.toLowerCase()} `
  return async (request) => {
    const value = readCredentialHeader(request, header)
    if (value === undefined || typeof value !== 'string') return value
    if (!value.toLowerCase().startsWith(prefix)) return undefined
    const key = value.slice(prefix.length).trim()
    if (key === '' || key.length > longestKey) return malformed
    return toActor(withoutKey(await lookUp(key, find), key), type)
  }
}

function requireSource({ find, keys }: ActorFromApiKeyOptions): Find {
  if (typeof find === 'function' && keys === undefined) return find
  if (find === undefined && keys !== null && typeof keys === 'object') return createApiKeySearch(keys)
  throw new AuditError('AUDIT_OPTION_INVALID', 'actorFromApiKey needs find, a function, or keys, a list.', {
    facts: { option: 'actorFromApiKey' },
  })
}

async function lookUp(key: string, find: Find): Promise<ActorDescription | undefined> {
  try {
    return await find(key)
  } catch (error) {
    if (!shows(error, key)) throw error
    throw new AuditError(
      'AUDIT_IDENTITY_UNAVAILABLE',
      'The API key could not be looked up. The error showed the key, so it is not passed on.',
    )
  }
}

/** A row of the application's table may hold the key itself. */
function withoutKey(found: ActorDescription | undefined | null, key: string): Partial<ActorDescription> {
  return Object.fromEntries(Object.entries(found ?? {}).filter(([, value]) => !shows(value, key)))
}

function toActor({ id, ...details }: Partial<ActorDescription>, type: string): ResolvedActor {
  const text = toActorId(id)
  return text === undefined ? unknownKey : { type, authMethod: 'api-key', ...details, id: text }
}

function shows(value: unknown, key: string): boolean {
  const text = inspect(value, { depth: 5, maxStringLength: null, maxArrayLength: null })
  return text.includes(key) || text.includes(JSON.stringify(key).slice(1, -1))
}

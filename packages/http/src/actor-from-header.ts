import { AuditError, aText, checkedElsewhere, checkOptions, type OptionRules } from '@indelible/core'
import { toActorId } from './actor-id.ts'
import type { ActorResolver, BadCredentials } from './actor-resolver.ts'
import { ambiguous, readCredentialHeader, requireHeaderName } from './header-value.ts'

/** Which header names the actor. */
export interface ActorFromHeaderOptions {
  /** For example `x-user-id`. */
  readonly name: string
  /** Says that a proxy in front sets this header, and removes what clients send by that name. Without it anyone could be anybody. */
  readonly trusted: true
  /** Of the actor. @default 'user' */
  readonly type?: string
}

const rules: OptionRules<ActorFromHeaderOptions> = {
  name: checkedElsewhere,
  trusted: checkedElsewhere,
  type: aText,
}
const malformed: BadCredentials = Object.freeze({ badCredentials: 'malformed' })

/**
 * Takes the actor's id from a header that a gateway sets. Values with a comma are two that a proxy has joined, and name nobody.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` at start-up naming the option: also where it is not told to trust the header.
 */
export function actorFromHeader<Native = unknown>(options: ActorFromHeaderOptions): ActorResolver<Native> {
  checkOptions<ActorFromHeaderOptions>(options, rules, 'actorFromHeader')
  const name = requireHeaderName(options.name, 'actorFromHeader.name')
  requireTrust(options)
  const { type = 'user' } = options
  return (request) => {
    const value = readCredentialHeader(request, name)
    if (value === undefined) return undefined
    if (typeof value !== 'string' || value.includes(',')) return ambiguous
    const id = toActorId(value)
    return id === undefined ? malformed : { id, type, authMethod: 'header' }
  }
}

function requireTrust({ trusted }: { readonly trusted?: unknown }): void {
  if (trusted === true) return
  throw new AuditError(
    'AUDIT_OPTION_INVALID',
    'Anyone can write a header: give actorFromHeader trusted: true where a proxy sets it and removes what clients send.',
    { facts: { option: 'actorFromHeader.trusted' } },
  )
}

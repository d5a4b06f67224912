import { type AuditContext, getAuditContext, updateAuditContext } from '@indelible/core'
import type { ExchangeParts } from './exchange-parts.ts'
import { findIdentity, type Identity } from './find-actor.ts'
import { tryGetRequestMark } from './request-scope.ts'

/** Asks the resolvers of an exchange again, where nobody was found. @throws what a resolver throws. */
export async function identify<Native>(parts: ExchangeParts<Native>): Promise<void> {
  const { request, options, identity } = parts
  if (options.resolvers.length === 0 || !isOpen(parts)) return
  const found = await findIdentity(request, options)
  // What is found while we waited, by a call like this one or by the handler, was there first.
  if (parts.identity !== identity || !isOpen(parts)) return
  takeOver(parts, found)
  for (const outer of parts.outer) outer.adopt(found)
  // The application may have opened a scope of its own inside ours, and goes on in there.
  if (tryGetRequestMark() === parts.mark && getAuditContext().actor === undefined) addToContext(found)
}

/** Lets an exchange take over who was found by another audit of the same request, where it has found nobody. */
export function adopt<Native>(parts: ExchangeParts<Native>, found: Identity): void {
  if (found.actor !== undefined && isOpen(parts)) takeOver(parts, found)
}

function isOpen<Native>({ identity, scope }: ExchangeParts<Native>): boolean {
  if (identity.actor !== undefined || identity.badCredentials !== undefined) return false
  return scope.run(getAuditContext).actor === undefined
}

function takeOver<Native>(parts: ExchangeParts<Native>, found: Identity): void {
  const { tenant } = parts.identity
  parts.identity = { ...found, ...(tenant !== undefined && { tenant }) }
  parts.scope.run(() => addToContext(found))
}

/** Also where nothing is found, the context is a new one: the facts of the request are written anew. */
function addToContext({ actor, tenant }: Identity): void {
  const isOpenTenant = getAuditContext().tenant === undefined
  const changes: AuditContext = {
    ...(actor !== undefined && { actor }),
    ...(isOpenTenant && tenant !== undefined && { tenant: tenant.id }),
  }
  updateAuditContext(changes)
}

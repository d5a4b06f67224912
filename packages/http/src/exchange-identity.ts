import { type AuditContext, getAuditContext, updateAuditContext } from '@indelible/core'
import type { ExchangeParts } from './exchange-parts.ts'
import { findIdentity, type Identity, toTenant } from './find-actor.ts'
import { tryGetRequestMark } from './request-scope.ts'

/** Asks the resolvers of an exchange again for what is not known yet. @throws what a resolver throws. */
export async function identify<Native>(parts: ExchangeParts<Native>): Promise<void> {
  if (parts.options.resolvers.length > 0 && isOpen(parts)) await identifySender(parts)
  else await identifyTenant(parts)
}

async function identifySender<Native>(parts: ExchangeParts<Native>): Promise<void> {
  const { request, options, identity } = parts
  const found = await findIdentity(request, options)
  // What is found while we waited, by a call like this one or by the handler, was there first.
  if (parts.identity !== identity || !isOpen(parts)) return
  takeOver(parts, found)
  for (const outer of parts.outer) outer.adopt(found)
  addToInnerContext(parts, found)
}

async function identifyTenant<Native>(parts: ExchangeParts<Native>): Promise<void> {
  const { request, options, scope, identity } = parts
  const { actor, tenant: known } = scope.run(getAuditContext)
  if (options.tenant === undefined || known !== undefined) return
  const tenant = toTenant(await options.tenant(request, actor))
  if (tenant === undefined || parts.identity !== identity) return
  parts.identity = { ...identity, tenant }
  scope.run(() => addToContext({ tenant }))
  addToInnerContext(parts, { tenant })
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

/** The application may have opened a scope of its own inside ours, and goes on in there. */
function addToInnerContext<Native>({ mark }: ExchangeParts<Native>, found: Identity): void {
  if (tryGetRequestMark() === mark) addToContext(found)
}

/** Also where nothing is found, the context is a new one: the facts of the request are written anew. */
function addToContext({ actor, tenant }: Identity): void {
  const known = getAuditContext()
  const changes: AuditContext = {
    ...(known.actor === undefined && actor !== undefined && { actor }),
    ...(known.tenant === undefined && tenant !== undefined && { tenant: tenant.id }),
  }
  updateAuditContext(changes)
}

import { toActorId } from './actor-id.ts'
import { requireHeaderName } from './header-value.ts'
import type { TenantResolver } from './http-audit-options.ts'
import { tryGetHeader } from './http-request.ts'
import { tryGetClaim } from './verified-claims.ts'

/**
 * Takes the tenant from a header, as the client or a proxy says it. Entries do not tell whether the actor belongs to that tenant: where the
 * application does not check it, take the tenant from a claim.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` at start-up where that is no name of a header.
 */
export function tenantFromHeader<Native = unknown>(name: string): TenantResolver<Native> {
  const header = requireHeaderName(name, 'tenantFromHeader')
  return (request) => {
    const value = tryGetHeader(request, header)
    return value === undefined || value.includes(',') ? undefined : toActorId(value)
  }
}

/**
 * Takes the tenant from a claim of the verified token, or from the field of that name of an actor that was found otherwise. Claims of a
 * token that was not verified are not believed.
 */
export function tenantFromClaim<Native = unknown>(name: string): TenantResolver<Native> {
  return (_, actor) => {
    if (actor === undefined || actor['verified'] === false) return undefined
    const field = Object.hasOwn(actor, name) ? actor[name] : undefined
    return toActorId(tryGetClaim(actor, name) ?? field)
  }
}

import type { AuditActor } from '@indelible/core'
import type { ActorResolver, BadCredentials } from './actor-resolver.ts'
import type { ResolvedTenant, TenantResolver } from './http-audit-options.ts'
import type { HttpRequest } from './http-request.ts'

/** Who sent a request, and to whom it belongs. */
export interface Identity {
  readonly actor?: AuditActor
  /** Why the credentials that were given do not count. */
  readonly badCredentials?: string
  readonly tenant?: { readonly id: string; readonly slug?: string }
}

/** How identities are found. */
export interface IdentityResolvers<Native> {
  readonly resolvers: readonly ActorResolver<Native>[]
  readonly tenant?: TenantResolver<Native>
}

/** Asks the resolvers in order until one answers. @throws what one of them throws, TypeError when an answer is none. */
export async function findIdentity<Native>(
  request: HttpRequest<Native>,
  { resolvers, tenant }: IdentityResolvers<Native>,
): Promise<Identity> {
  const found = await firstAnswer(request, resolvers)
  const actor = found !== undefined && !isBad(found) ? found : undefined
  const owner = tenant === undefined ? undefined : toTenant(await tenant(request, actor))
  return {
    ...(actor !== undefined && { actor }),
    ...(found !== undefined && isBad(found) && { badCredentials: found.badCredentials }),
    ...(owner !== undefined && { tenant: owner }),
  }
}

async function firstAnswer<Native>(
  request: HttpRequest<Native>,
  resolvers: readonly ActorResolver<Native>[],
): Promise<AuditActor | BadCredentials | undefined> {
  for (const resolve of resolvers) {
    const answer: unknown = await resolve(request)
    if (answer === undefined || answer === null) continue
    if (isBad(answer) || isActor(answer)) return answer
    throw new TypeError(
      'A resolver must return an actor with a string id that is not empty, { badCredentials } or undefined.',
    )
  }
  return undefined
}

function isBad(answer: unknown): answer is BadCredentials {
  return hasText(answer, 'badCredentials')
}

function isActor(answer: unknown): answer is AuditActor {
  return hasText(answer, 'id')
}

/** Reads what a resolver of tenants answers. @throws TypeError when the answer is none. */
export function toTenant(tenant: ResolvedTenant | null | undefined): Identity['tenant'] {
  if (tenant === undefined || tenant === null) return undefined
  const { id, slug } = typeof tenant === 'string' ? { id: tenant } : tenant
  if (typeof id !== 'string' || (slug !== undefined && typeof slug !== 'string'))
    throw new TypeError('A tenant must be a string, or { id, slug } of strings.')
  return { id, ...(slug !== undefined && { slug }) }
}

function hasText(value: unknown, name: string): boolean {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return false
  const text = (value as Readonly<Record<string, unknown>>)[name]
  return typeof text === 'string' && text.trim() !== ''
}

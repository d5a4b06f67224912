import { type AuditActor, aFunction } from '@indelible/core'
import { toActorId } from './actor-id.ts'
import type { ActorResolver, BadCredentials, ResolvedActor } from './actor-resolver.ts'

/** An actor whose id may still be a number. */
export interface ActorDescription {
  readonly id: string | number | bigint
  readonly type?: string
  readonly authMethod?: string
  readonly [detail: string]: unknown
}

const idNames = ['id', 'sub', '_id', 'userId'] as const
const nameless: BadCredentials = Object.freeze({ badCredentials: 'user-without-id' })

/**
 * Takes the actor from what the application's own authentication has left on the request (`req.user`, `ctx.state.user`).
 *
 * @param select makes the actor of that object, or `undefined`. By default its id is the first of `id`, `sub`, `_id` and `userId`, its
 * type `user`, and nothing else of it is recorded. `authMethod` is `session` unless the actor names another.
 * @throws AuditError `AUDIT_OPTION_INVALID` at start-up where it is no function.
 * @example
 * actorFromUser((user: SessionUser) => ({ id: user.email, type: user.isStaff ? 'staff' : 'customer' }))
 */
export function actorFromUser<User = unknown, Native = unknown>(
  select: (user: User) => ActorDescription | undefined = describeUser,
): ActorResolver<Native> {
  aFunction(select, 'actorFromUser')
  return ({ user }) => {
    const found = user()
    if (found === undefined || found === null) return undefined
    // One-line bridge: what the application's own authentication has left is of the type that its own function takes.
    const actor = select(found as User)
    return actor === undefined ? undefined : toActor(actor)
  }
}

function toActor({ id, ...details }: ActorDescription): ResolvedActor {
  const text = toActorId(id)
  if (text === undefined) return nameless
  const actor: AuditActor = { id: text, authMethod: 'session', ...details }
  return actor
}

function describeUser(user: unknown): ActorDescription {
  const fields = Object(user) as Readonly<Record<string, unknown>>
  const id = idNames.map((name) => toActorId(fields[name])).find((each) => each !== undefined)
  return { id: id ?? '', type: 'user' }
}

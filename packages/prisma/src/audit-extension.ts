import { type Audit, AuditError, type AuditOptions, createAudit } from '@indelible/core'
import { requirePostgresFactory } from './driver-adapter.ts'
import {
  createInstrumentation,
  type Instrumentation,
  registerInstrumentation,
  tryReuseInstrumentation,
} from './instrumentation.ts'
import { modelNames } from './model-names.ts'
import { withinTransaction } from './within-transaction.ts'

/** The client part of the extension, in the form in which Prisma's types carry extensions. */
export interface AuditExtensionArgs {
  readonly result: Record<never, never>
  readonly model: Record<never, never>
  readonly query: Record<never, never>
  readonly client: { readonly $audit: () => Audit }
}

/** What {@link auditExtension} returns: the argument of `prisma.$extends`. */
export type AuditExtension = (client: ExtensibleClientLike) => { $extends: { extArgs: AuditExtensionArgs } }

/** A Prisma client as an extension receives it: the members that are used. */
export interface ExtensibleClientLike {
  $connect(): Promise<void>
  $extends: unknown
}

/**
 * Audits a Prisma client: from now on every INSERT, UPDATE and DELETE that it sends leaves an entry, whatever
 * operation made it (nested, bulk, upsert, many-to-many, raw SQL), in the same statement and so in the same
 * transaction. `$audit` on the extended client reads, seals and verifies the trail.
 *
 * Call it before the client's first query. The client it extends shares the connection, and so is audited too.
 *
 * Errors of ours that a query meets reach the application as Prisma rewraps them: with our `code` and message.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option, `AUDIT_NOT_INSTRUMENTED` when the client has no driver
 * adapter, `AUDIT_DATABASE_UNSUPPORTED` when it is not for PostgreSQL.
 *
 * @example
 * const prisma = new PrismaClient({ adapter }).$extends(auditExtension({ redact: { columns: ['iban'] } }))
 * await runWithAuditContext({ actor: { id: 'u_42' } }, () => prisma.order.update({ where: { id: 1 }, data }))
 */
export function auditExtension(options: AuditOptions = {}): AuditExtension {
  return (client) => {
    const { trail } = instrumentClient(client, options)
    const audit = createAudit({
      connection: trail.connection,
      names: modelNames(client, schemaOption(client)),
      within: withinTransaction,
    })
    const extension = { name: 'indelible', client: { $audit: audit }, query: connectedQueries(client, trail) }
    // One-line bridge: what $extends of this very client returns is what AuditExtension says.
    return (client.$extends as (extension: object) => ReturnType<AuditExtension>)(extension)
  }
}

/** The schema that `new PrismaPg(config, { schema })` was given. */
function schemaOption(client: object): string | undefined {
  const { options } = adapterOf(client) as { readonly options?: { readonly schema?: string } }
  return options?.schema
}

function instrumentClient(client: ExtensibleClientLike, options: AuditOptions): Instrumentation {
  const factory = requirePostgresFactory(adapterOf(client))
  const known = tryReuseInstrumentation(factory, options)
  if (known !== undefined) return known
  const instrumentation = createInstrumentation(factory, {
    options,
    open: () => client.$connect(),
  })
  factory.connect = instrumentation.connect
  registerInstrumentation(factory, instrumentation)
  return instrumentation
}

// The one internal property of Prisma's that capture needs. Prisma keeps the adapter nowhere else.
function adapterOf(client: object): unknown {
  return (client as { _engineConfig?: { adapter?: unknown } })._engineConfig?.adapter
}

/** A client that was connected earlier never connects through us: its first query is refused, not passed unaudited. */
function connectedQueries(client: ExtensibleClientLike, trail: Instrumentation['trail']) {
  interface Operation {
    readonly args: unknown
    readonly query: (args: unknown) => Promise<unknown>
  }
  async function connectFirst({ args, query }: Operation): Promise<unknown> {
    await client.$connect()
    if (!trail.connected) {
      throw new AuditError(
        'AUDIT_NOT_INSTRUMENTED',
        'The client was connected before auditExtension() was added to it, so nothing is captured. Extend it before its first query.',
      )
    }
    return await query(args)
  }
  return {
    $allOperations: (operation: Operation) =>
      trail.connected ? operation.query(operation.args) : connectFirst(operation),
  }
}

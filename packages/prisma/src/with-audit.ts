import { type Audit, AuditError, type AuditOptions, createAudit } from '@indelible/core'
import { requirePostgresFactory } from './driver-adapter.ts'
import type { DriverAdapterFactoryLike } from './driver-adapter-like.ts'
import {
  createInstrumentation,
  registerInstrumentation,
  tryGetInstrumentation,
  tryReuseInstrumentation,
} from './instrumentation.ts'
import { withinTransaction } from './within-transaction.ts'

/**
 * Wraps a Prisma driver adapter so that every write sent over it leaves an audit entry, by public API of Prisma only.
 *
 * Use it where the trail is not read through the client; {@link auditExtension} does the same and adds `$audit`. Both
 * together capture once. The entries of a write are inserted by the statement that writes: they commit, roll back and
 * crash together.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option, `AUDIT_DATABASE_UNSUPPORTED` for another database.
 *
 * @example
 * const adapter = withAudit(new PrismaPg({ connectionString }), { redact: { columns: ['iban'] } })
 * const prisma = new PrismaClient({ adapter })
 */
export function withAudit<Factory extends DriverAdapterFactoryLike>(
  adapter: Factory,
  options: AuditOptions = {},
): Factory {
  const factory = requirePostgresFactory(adapter)
  if (tryReuseInstrumentation(factory, options) !== undefined) return adapter
  const instrumentation = createInstrumentation(factory, {
    options,
    open: async () => {
      throw new AuditError(
        'AUDIT_NOT_INSTRUMENTED',
        'The client of this adapter is not connected yet: call its $connect() first.',
      )
    },
  })
  // Delegates what it does not name, such as connectToShadowDb, to the adapter itself.
  const audited: Factory = Object.create(adapter, { connect: { value: instrumentation.connect } })
  registerInstrumentation(audited, instrumentation)
  return audited
}

/**
 * Returns the audit of an adapter made by {@link withAudit}: history, verification, sealing.
 *
 * @throws AuditError `AUDIT_NOT_INSTRUMENTED` for any other value.
 */
export function auditOf(adapter: DriverAdapterFactoryLike): Audit {
  const instrumentation = tryGetInstrumentation(adapter)
  if (instrumentation === undefined) {
    throw new AuditError('AUDIT_NOT_INSTRUMENTED', 'This adapter was not made by withAudit().')
  }
  return createAudit({ connection: instrumentation.trail.connection, within: withinTransaction })
}

import { type AuditQueryable, type TransactionClaim, transactionInvalid } from '@indelible/core'
import type { SqlResultSet } from '@prisma/driver-adapter-utils'
import type { AuditedConnection } from './capture-target.ts'
import { describeDriverError } from './driver-error.ts'

/** Runs what a statement stands for, where it has reached a transaction that is open, and answers it with no rows. */
export async function answerClaim(
  claim: TransactionClaim,
  connection: AuditedConnection,
): Promise<SqlResultSet> {
  const { inTransaction, session, audit } = connection
  await claim.answer(inTransaction && !session.ended ? withSqlStates(audit) : outsideTransaction)
  return { columnNames: [], columnTypes: [], rows: [] }
}

/** Errors tell their SQLSTATE where those of node-postgres do. */
function withSqlStates(audit: AuditQueryable): AuditQueryable {
  return {
    query: (sql, params) =>
      audit.query(sql, params).catch((cause: unknown) => {
        const { code, message } = describeDriverError(cause)
        throw Object.assign(new Error(message, { cause }), { code })
      }),
  }
}

const outsideTransaction: AuditQueryable = {
  query: async () => {
    throw transactionInvalid('is the client itself: give the one that $transaction hands to its callback')
  },
}

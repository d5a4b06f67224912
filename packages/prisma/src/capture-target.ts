import type {
  AuditQueryable,
  CaptureSession,
  CaptureTarget,
  RequestChange,
  RewrittenWrite,
  SqlText,
} from '@indelible/core'
import type { ArgType, SqlQuery, SqlQueryable, SqlResultSet } from '@prisma/driver-adapter-utils'
import { describeDriverError, isUnreadAnswer } from './driver-error.ts'
import { nameQuery } from './statement-naming.ts'

/** One connection of Prisma's, or a transaction on one, as capture needs it. */
export interface AuditedConnection {
  readonly queryable: SqlQueryable
  readonly session: CaptureSession
  readonly inTransaction: boolean
  /** Where statements of ours run: inside a transaction on its own session, else on the pool. */
  readonly audit: AuditQueryable
  /** Runs `work` in one transaction: a new one, or the one this connection is in. */
  inOneTransaction<Result>(work: (connection: AuditedConnection) => Promise<Result>): Promise<Result>
}

/** The statements that return rows. */
export function toQueryTarget(connection: AuditedConnection): CaptureTarget<SqlQuery, SqlResultSet> {
  return {
    ...commonTarget(connection),
    run: (query) => connection.queryable.queryRaw(query),
    strip: stripColumn,
    countRows: ({ rows }) => rows.length,
    // The adapter reads one result set: those of several statements would confuse it.
    runBetween: async (query, { before, after }) => {
      if (before !== undefined) await runScript(connection.queryable, before)
      const result = await connection.queryable.queryRaw(query)
      if (after !== undefined) await runScript(connection.queryable, after)
      return result
    },
    transaction: (work) => connection.inOneTransaction((inside) => work(toQueryTarget(inside))),
  }
}

/** The statements that return a count, which RETURNING does not change. */
export function toExecuteTarget(connection: AuditedConnection): CaptureTarget<SqlQuery, number> {
  return {
    ...commonTarget(connection),
    run: (query) => connection.queryable.executeRaw(query),
    strip: (count) => count,
    countRows: (count) => count,
    runBetween: ({ sql }, { before, after }) =>
      runScript(connection.queryable, [before, sql, after].filter((part) => part !== undefined).join('\n;')),
    transaction: (work) => connection.inOneTransaction((inside) => work(toExecuteTarget(inside))),
  }
}

function commonTarget({ queryable, session, inTransaction, audit }: AuditedConnection) {
  return {
    session,
    inTransaction,
    audit,
    script: async (sql: string) => void (await runScript(queryable, sql)),
    describe: (query: SqlQuery) => ({ sql: query.sql, parameters: query.args.length, values: query.args }),
    rewrite: rewriteQuery,
    explain: async (query: SqlQuery) => {
      const sql = `explain (format json, verbose) ${query.sql}`
      return String((await queryable.queryRaw({ ...query, sql })).rows[0]?.[0])
    },
    describeError: describeDriverError,
    isUnread: isUnreadAnswer,
    // Errors of driver adapters carry no position.
    restoreError: (error: unknown) => error,
  }
}

/** Runs statements of ours. Without a name, whatever the application's generator gives: a named statement is a single one. */
export function runScript(queryable: SqlQueryable, sql: string): Promise<number> {
  return queryable.executeRaw(nameQuery({ sql, args: [], argTypes: [] }, ''))
}

const textType: ArgType = { scalarType: 'string', arity: 'scalar' }

function rewriteQuery(query: SqlQuery, { sql, parameters, name }: RequestChange): SqlQuery {
  const rewritten = {
    ...query,
    sql,
    args: [...query.args, ...parameters],
    argTypes: [...query.argTypes, ...parameters.map(() => textType)],
  }
  return name === undefined ? rewritten : nameQuery(rewritten, name)
}

// A fresh result set of this statement's own, so taking the last column off in place harms nobody.
function stripColumn(result: SqlResultSet, { returning }: RewrittenWrite): SqlResultSet {
  if (!returning) return { ...result, columnNames: [], columnTypes: [], rows: [] }
  result.columnNames.pop()
  result.columnTypes.pop()
  for (const row of result.rows) row.pop()
  return result
}

/** Runs statements of ours on a connection of Prisma's. Their results are texts, or are not read. */
export function toAuditQueryable(queryable: SqlQueryable): AuditQueryable {
  return {
    async query(sql: string, params: readonly SqlText[] = []) {
      const argTypes = params.map(() => textType)
      const { columnNames, rows } = await queryable.queryRaw({ sql, args: [...params], argTypes })
      return rows.map((row) => Object.fromEntries(columnNames.map((name, at) => [name, toText(row[at])])))
    },
  }
}

function toText(value: unknown): SqlText {
  return value === null || value === undefined ? null : String(value)
}

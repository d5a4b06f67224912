import {
  type AuditOptions,
  type AuditQueryable,
  type CaptureTarget,
  createAuditTrail,
  createSession,
  executeCaptured,
  fromPgPool,
  migrate,
  type SqlText,
} from '@indelible/core'
import pg from 'pg'
import { createRowOracle, type RowOracle } from '../../conformance/row-oracle.ts'
import { createDatabase, type TestDatabase } from '../../support/fresh-database.ts'

/** One connection of node-postgres whose statements are captured. */
export interface AuditedSession {
  query(sql: string, params?: readonly unknown[]): Promise<pg.QueryResult>
  /** Runs `work` between BEGIN and COMMIT. */
  transaction<Result>(work: () => Promise<Result>, isolation?: string): Promise<Result>
  /** Reads the catalog again, as happens by itself some seconds later. */
  refresh(): Promise<void>
  close(): Promise<void>
}

/** A database of a test with the audit schema and the oracle. */
export interface CascadeDatabase {
  readonly database: TestDatabase
  readonly oracle: RowOracle
  /** Makes tables by SQL, with the functions for them, and puts the oracle on them. */
  create(sql: string): Promise<void>
  session(options?: SessionOptions): Promise<AuditedSession>
  readonly close: () => Promise<void>
}

/** What a session of a test may choose. */
export interface SessionOptions extends AuditOptions {
  readonly url?: string
}

/** Creates an empty database with the audit schema and the oracle. */
export async function createCascadeDatabase(): Promise<CascadeDatabase> {
  const database = await createDatabase({ template: 'empty' })
  const audit = fromPgPool(database.pool)
  await migrate(audit)
  const oracle = await createRowOracle(database)
  const sessions: AuditedSession[] = []
  return {
    database,
    oracle,
    create: async (sql) => {
      await database.query(sql)
      await migrate(audit)
      await oracle.watch()
    },
    session: async (options) => {
      const session = await openSession(database, options)
      sessions.push(session)
      return session
    },
    close: async () => {
      await Promise.all(sessions.map((session) => session.close()))
      await database.drop()
    },
  }
}

/** Everything in clear, so that images can be compared with the rows; no sealer, so that nothing else runs. */
const exactOptions = { redact: { defaults: false }, seal: false } satisfies AuditOptions

async function openSession(
  database: TestDatabase,
  { url = database.url, ...options }: SessionOptions = {},
): Promise<AuditedSession> {
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  const trail = createAuditTrail({ options: { ...exactOptions, ...options }, open: async () => undefined })
  const { engine } = await trail.connect(fromPgPool(pool))
  const client = await pool.connect()
  const outside = createSession()
  let target = targetOf(client, outside)
  const query: AuditedSession['query'] = (sql, params = []) =>
    executeCaptured(engine, target, { text: sql, values: [...params] })
  return {
    query,
    async transaction(work, isolation = 'read committed') {
      await client.query(`begin isolation level ${isolation}`)
      target = { ...targetOf(client, createSession(outside)), inTransaction: true }
      try {
        const result = await work()
        await client.query('commit')
        return result
      } catch (error) {
        await client.query('rollback')
        throw error
      } finally {
        target = targetOf(client, outside)
      }
    },
    refresh: () => engine.catalog.refresh(),
    async close() {
      if (pool.ended) return
      client.release()
      await pool.end()
    },
  }
}

interface Request {
  readonly text: string
  readonly values: unknown[]
  readonly name?: string
}

function targetOf(
  client: pg.PoolClient,
  session: ReturnType<typeof createSession>,
): CaptureTarget<Request, pg.QueryResult> {
  const target: CaptureTarget<Request, pg.QueryResult> = {
    session,
    inTransaction: false,
    audit: auditOver(client),
    describe: ({ text, values }) => ({ sql: text, parameters: values.length, values }),
    run: (request) => client.query(request),
    rewrite: ({ values }, { sql, parameters, name }) => ({
      text: sql,
      values: [...values, ...parameters],
      ...(name === undefined ? {} : { name }),
    }),
    strip: (result, { returning }) => {
      const rows = returning ? result.rows.map(({ __indelible, ...row }) => row) : []
      return { ...result, rows }
    },
    isUnread: () => false,
    restoreError: (error) => error,
    countRows: ({ rowCount }) => rowCount ?? 0,
    script: async (sql) => void (await client.query(sql)),
    runBetween: (request) => client.query(request),
    explain: async () => '[]',
    transaction: async (work) => {
      await client.query('begin')
      try {
        const result = await work({ ...target, inTransaction: true })
        await client.query('commit')
        return result
      } catch (error) {
        await client.query('rollback')
        throw error
      }
    },
    describeError: (error) => ({
      ...(error instanceof pg.DatabaseError && error.code !== undefined ? { code: error.code } : {}),
      message: error instanceof Error ? error.message : String(error),
    }),
  }
  return target
}

function auditOver(client: pg.PoolClient): AuditQueryable {
  return {
    async query(sql, params: readonly SqlText[] = []) {
      const { rows } = await client.query(sql, [...params])
      return rows
    },
  }
}

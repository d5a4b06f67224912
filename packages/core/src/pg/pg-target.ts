import { type CaptureSession, createSession } from '../capture/capture-session.ts'
import type { CaptureTarget, Surroundings } from '../capture/capture-target.ts'
import { isInTransaction } from './client-sessions.ts'
import type { CapturableClient, PgResult } from './pg-client.ts'
import { inTransaction, type PgRunner, runScript, toQueryable } from './pg-database.ts'
import { type PgRequest, rewriteRequest, toPgConfig } from './pg-request.ts'
import { restoreError, restoreResult } from './pg-result.ts'

/** One client, and the way to it that is not captured. */
export interface UncapturedClient {
  readonly client: CapturableClient
  readonly runner: PgRunner
  run(config: object): Promise<PgResult>
}

/** A client as capture sees it. */
export function toPgTarget(
  to: UncapturedClient,
  session: CaptureSession,
): CaptureTarget<PgRequest, PgResult> {
  const target: CaptureTarget<PgRequest, PgResult> = {
    session,
    held: true,
    audit: toQueryable(to.runner),
    get inTransaction() {
      return isInTransaction(to.client)
    },
    describe: ({ text, values }) => ({ sql: text, parameters: values.length, values }),
    run: (request) => to.run(toPgConfig(request)),
    rewrite: rewriteRequest,
    strip: restoreResult,
    countRows: ({ rowCount }) => rowCount ?? 0,
    script: (sql) => runScript(to.runner, sql),
    runBetween: (request, others) => runBetween(to, request, others),
    explain: (request) => explain(to, request),
    transaction: (work) =>
      isInTransaction(to.client)
        ? work(target)
        : inTransaction(to.runner, { begin: 'begin' }, () => work(toPgTarget(to, createSession(session)))),
    describeError,
    isUnread,
    restoreError,
  }
  return target
}

/** node-postgres answers a text of several statements with a list of results. */
async function runBetween(
  to: UncapturedClient,
  request: PgRequest,
  { before, after }: Surroundings,
): Promise<PgResult> {
  // A line break ends a comment of the application's.
  const text = [before, request.text, after].filter((part) => part !== undefined).join('\n;')
  const results: unknown = await to.run(toPgConfig({ ...request, text, values: [], name: undefined }))
  if (!Array.isArray(results)) return results as PgResult
  return results.at(after === undefined ? -1 : 0)
}

async function explain(to: UncapturedClient, request: PgRequest): Promise<string> {
  const text = `explain (format json, verbose) ${request.text}`
  const asText = { types: { getTypeParser: () => String }, rowMode: 'array' }
  const config = Object.assign(toPgConfig({ ...request, text, name: undefined }), asText)
  const [row] = (await to.run(config)).rows
  return Array.isArray(row) ? String(row[0]) : ''
}

/** The SQLSTATE and message of an error of node-postgres. */
export function describeError(error: unknown): { code?: string; message: string } {
  const message = error instanceof Error ? error.message : String(error)
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? { code, message } : { message }
}

/** Errors of the server carry its SQLSTATE. Behind a timeout it is still at work, and a lost connection says no more. */
function isUnread(error: unknown): boolean {
  const { code = '', message } = describeError(error)
  return !/^[0-9A-Z]{5}$/.test(code) && message !== 'Query read timeout'
}

import { writeFailed } from '../capture/audit-failure.ts'
import type { CaptureEngine } from '../capture/capture-engine.ts'
import { applyPolicy } from '../capture/capture-policy.ts'
import { type CaptureSession, noteSessionChange } from '../capture/capture-session.ts'
import { contextStatement } from '../capture/capture-step.ts'
import { markBeforeStream } from '../capture/compare-changes.ts'
import { withReasoned } from '../capture/decide-step.ts'
import { planWithCatalog } from '../capture/plan-with-catalog.ts'
import { statementRecord } from '../capture/record-uncaptured.ts'
import { asUncaptured } from '../capture/uncaptured-step.ts'
import type { AuditError } from '../errors.ts'
import type { Plan } from '../sql/plan-types.ts'
import { describeError, type UncapturedClient } from './pg-target.ts'

/** What node-postgres runs by handing it the connection: a cursor, a stream, a COPY. */
export interface PgStream {
  submit(connection: unknown): unknown
  readonly text?: unknown
  readonly cursor?: { readonly text?: unknown }
}

/** Where a stream is about to run. */
export interface StreamSurroundings {
  readonly engine: CaptureEngine
  readonly session: CaptureSession
}

/**
 * Says aloud that a stream changes rows, before it runs. node-postgres wants streams as they are, and at once, so their rows
 * cannot be captured. Where the entry cannot be written, the stream fails before it starts.
 *
 * @returns What the stream does.
 * @throws AuditError `AUDIT_UNCAPTURED`, `AUDIT_ACTOR_MISSING` or `AUDIT_REASON_MISSING` where the options refuse it.
 */
export function announceStream(
  to: UncapturedClient,
  stream: PgStream,
  { engine, session }: StreamSurroundings,
): Plan {
  const text = stream.text ?? stream.cursor?.text
  const sql = typeof text === 'string' ? text : 'unknown'
  const plan = planWithCatalog(sql, engine.catalog.get())
  if (mayWrite(plan)) markBeforeStream(engine, session, (text) => to.run({ text }))
  if (plan.kind !== 'write' && plan.kind !== 'unprovable') {
    noteSessionChange(session, plan, { held: true })
    return plan
  }
  const step = asUncaptured(sql, plan, 'it was sent as a stream')
  applyPolicy(engine.options, withReasoned(step, { catalog: engine.catalog.get(), options: engine.options }))
  noteSessionChange(session, plan, { held: true })
  if (step.operation === 'ddl') engine.catalog.expire()
  // Inside a transaction, where it stays until the stream has run.
  if (engine.catalog.get().captureTriggers) tellContextFirst(to, engine)
  if (engine.options.onUncaptured === 'record') {
    recordFirst(to, stream, statementRecord(engine, step))
    session.changes?.announce(step.tables)
  }
  engine.onEntry()
  return plan
}

function mayWrite(plan: Plan): boolean {
  return plan.kind === 'write' || plan.kind === 'unprovable' || (plan.kind === 'read' && plan.callsFunctions)
}

function tellContextFirst(to: UncapturedClient, engine: CaptureEngine): void {
  // A failure aborts the transaction, and the stream with it.
  const callback = () => undefined
  void to.run({ text: contextStatement, values: [engine.encodeContext(false)], callback })
}

/** Both wait in the queue of node-postgres, the entry in front. */
function recordFirst(
  to: UncapturedClient,
  stream: PgStream,
  record: ReturnType<typeof statementRecord>,
): void {
  let failure: AuditError | undefined
  const callback = (error: unknown) => {
    if (error) failure = writeFailed(error, describeError(error))
  }
  // With a callback it returns nothing.
  void to.run({ text: record.sql, values: record.params, callback })
  const submit = stream.submit.bind(stream)
  stream.submit = (connection) => failure ?? submit(connection)
}

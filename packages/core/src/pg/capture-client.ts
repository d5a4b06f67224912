import type { CaptureEngine } from '../capture/capture-engine.ts'
import type { CaptureStep, Statement } from '../capture/capture-step.ts'
import { needsComparison } from '../capture/completeness.ts'
import { executeStep } from '../capture/execute-captured.ts'
import { type TransactionClaim, tryTakeClaim } from '../events/transaction-claims.ts'
import { hasEnded, transactionInvalid } from '../events/transaction-invalid.ts'
import { planStatement } from '../sql/plan.ts'
import type { AuditDatabase, AuditQueryable, SqlText, TextRow } from '../store/audit-database.ts'
import { announceStream, type PgStream } from './announce-stream.ts'
import { type ClientSessions, createClientSessions, isInTransaction } from './client-sessions.ts'
import { createLane, type Lane, type Sent } from './lane.ts'
import type { CapturableClient, PgCallback, PgResult } from './pg-client.ts'
import { isOwnStatement, toQueryable, toReadDatabase } from './pg-database.ts'
import { type PgRequest, tryReadRequest } from './pg-request.ts'
import { toPgTarget, type UncapturedClient } from './pg-target.ts'

/** The engine that the clients of a pool share. */
export interface SharedEngine {
  /** `undefined` until it is connected. */
  readonly engine: CaptureEngine | undefined
  /** Connects it over the client that needs it first: the pool may have no other. */
  connect(over: AuditDatabase): Promise<CaptureEngine>
}

interface CapturedClient extends UncapturedClient {
  readonly shared: SharedEngine
  readonly sessions: ClientSessions
  readonly lane: Lane
}

/** Statements of ours inside a transaction of the application's. They keep their place among those of the application. */
export interface OwnStatements extends AuditQueryable {
  /** The engine that captures the client; `undefined` until it is connected. */
  engine(): CaptureEngine | undefined
  /** Waits for all that was sent, so that the state of the transaction is known. */
  settle(): Promise<void>
}

const ownStatements = new WeakMap<object, OwnStatements>()

/** Returns the way for statements of ours into the transaction of a captured client. */
export function tryGetOwnStatements(client: unknown): OwnStatements | undefined {
  return typeof client === 'object' && client !== null ? ownStatements.get(client) : undefined
}

/**
 * Captures all that is sent over a client from now on, by shadowing `query` on the object itself: whoever holds the client
 * already is captured too.
 */
export function captureClient(client: CapturableClient, shared: SharedEngine): void {
  // One-line bridge: the overloads of `query` take what the application gave.
  const send = client.query.bind(client) as (...args: readonly unknown[]) => unknown
  const run = (config: object) => send(config) as Promise<PgResult>
  // One-line bridge: our own statements ask for texts, whatever the client's parsers make.
  const runOurs = run as unknown as UncapturedClient['runner']['query']
  const lane = createLane()
  const captured: CapturedClient = {
    client,
    run,
    runner: { query: runOurs, leave: (ended) => void lane.follow(ended) },
    shared,
    sessions: createClientSessions(client),
    lane,
  }
  const texts = new Map<unknown, string>()
  const own: OwnStatements = {
    engine: () => shared.engine,
    settle: () => takeTurn(captured, () => settle(captured)),
    query: (sql, params) => sendOwn(captured, sql, params),
  }
  ownStatements.set(client, own)

  function query(...args: readonly unknown[]): unknown {
    if (isOwnStatement(args[0])) return send(...args)
    if (isStream(args[0])) return sendStream(captured, args[0], () => send(...args))
    const request = tryReadRequest(args, texts)
    if (request === undefined) return send(...args)
    const claim = tryTakeClaim(shared.engine, request.text, request.values)
    if (claim !== undefined) return answer(request, answerClaim(claim, own))
    return captured.lane.enter(() => sendCaptured(captured, request, () => send(...args)))
  }
  shadowQuery(client, query)
}

async function answerClaim(claim: TransactionClaim, own: OwnStatements): Promise<PgResult> {
  await claim.answer(own)
  return { command: 'SELECT', rowCount: 0, oid: null, rows: [], fields: [] }
}

/** In its turn, and only while the transaction lasts: else the client may serve somebody else. */
async function sendOwn(
  captured: CapturedClient,
  sql: string,
  params: readonly SqlText[] = [],
): Promise<readonly TextRow[]> {
  const { client, runner } = captured
  const inTurn = async () => {
    await settle(captured)
    if (!isInTransaction(client)) throw transactionInvalid(hasEnded)
    return await toQueryable(runner).query(sql, params)
  }
  return await takeTurn(captured, inTurn)
}

/** Runs work behind all that was sent, and before all that comes after. */
async function takeTurn<T>({ lane }: CapturedClient, work: () => Promise<T>): Promise<T> {
  // One-line bridge: what enters the lane is what comes out of it.
  return (await lane.enter(() => {
    const turns = lane.follow(work())
    return { result: turns, turns }
  })) as T
}

/** An error is told before the server says that it is ready, and in what state: an empty statement waits for that. */
async function settle({ lane, run }: CapturedClient): Promise<void> {
  if (await lane.settled()) await run({ text: '' })
}

/** Answers every statement of a client with an error. */
export function refuseStatements(client: CapturableClient, error: Error): void {
  const refuse = (...args: readonly unknown[]) => {
    const request = tryReadRequest(args, new Map())
    if (request === undefined) throw error
    return answer(request, Promise.reject(error))
  }
  shadowQuery(client, refuse)
}

function shadowQuery(client: CapturableClient, query: (...args: readonly unknown[]) => unknown): void {
  Object.defineProperty(client, 'query', { value: query, configurable: true, writable: true })
}

/** Cursors, streams and COPY: node-postgres runs what has `submit`, and hands it back at once. */
function isStream(value: unknown): value is PgStream {
  return (
    typeof value === 'object' && value !== null && 'submit' in value && typeof value.submit === 'function'
  )
}

/** At once, as node-postgres does, unless statements that take several turns come first, or the connection of the trail. */
function sendStream(captured: CapturedClient, stream: PgStream, sendAsItIs: () => unknown): PgStream {
  const { shared, lane } = captured
  if (shared.engine !== undefined && lane.isFree) {
    announce(captured, stream, shared.engine)
    sendAsItIs()
    return stream
  }
  const inTurn = async () => {
    try {
      if (shared.engine === undefined) await settle(captured)
      announce(captured, stream, shared.engine ?? (await connectTrail(captured)))
    } catch (error) {
      stream.submit = () => error
    }
    sendAsItIs()
  }
  void takeTurn(captured, inTurn)
  return stream
}

function announce(captured: CapturedClient, stream: PgStream, engine: CaptureEngine): void {
  const { sessions, lane } = captured
  const plan = announceStream(captured, stream, { engine, session: sessions.current() })
  if (plan.kind === 'read') return
  sessions.follow(plan)
  lane.overtake()
}

/** Over this client: the pool may have no other. */
function connectTrail({ client, runner, shared }: CapturedClient): Promise<CaptureEngine> {
  return shared.connect(toReadDatabase(runner, isInTransaction(client)))
}

function sendCaptured(
  captured: CapturedClient,
  request: PgRequest,
  sendAsItIs: () => unknown,
): Sent<unknown> {
  const { client, shared, sessions, lane } = captured
  if (lane.isQuiet) sessions.settle()
  const { engine } = shared
  const statement = { sql: request.text, parameters: request.values.length, session: sessions.current() }
  const step = engine?.tryDecide(statement)
  if (engine === undefined || step === undefined || takesTurns(engine, statement, step)) {
    const turns = lane.follow(sendInTurns(captured, request))
    return { result: answer(request, turns), turns }
  }
  if (isPlainRead(step)) {
    engine.catalog.refreshIfOld()
    return { result: sendAsItIs() }
  }
  // The server will refuse it, and words that as it was sent: by the simple or the extended protocol, named or not.
  if (step.kind === 'write' && lane.isQuiet && client.getTransactionStatus() === 'E') {
    return { result: sendAsItIs() }
  }
  sessions.follow(step.plan)
  const target = toPgTarget(captured, statement.session)
  return { result: answer(request, lane.follow(executeStep({ engine, target, step }, request))) }
}

/** Whether more than one statement goes to the server, so that no other may come between. */
function takesTurns({ options }: CaptureEngine, { session }: Statement, step: CaptureStep): boolean {
  if (step.kind === 'uncaptured' || step.kind === 'carry' || (step.kind === 'write' && step.contextInSetting))
    return true
  return options.completeness !== 'off' && needsComparison(step, session)
}

function isPlainRead({ kind, plan }: CaptureStep): boolean {
  return (
    kind === 'pass' &&
    (plan.kind === 'empty' || (plan.kind === 'read' && plan.setsConfiguration === undefined))
  )
}

async function sendInTurns(captured: CapturedClient, request: PgRequest): Promise<PgResult> {
  const { shared, sessions } = captured
  await settle(captured)
  let { engine } = shared
  try {
    engine ??= await connectTrail(captured)
  } catch (error) {
    const plan = planStatement(request.text)
    if (plan.kind !== 'transaction') throw error
    // It changes no row, and who is refused a BEGIN or ROLLBACK may keep the client for good.
    sessions.follow(plan)
    return await toPgTarget(captured, sessions.current()).run(request)
  }
  sessions.settle()
  const target = toPgTarget(captured, sessions.current())
  const statement = { ...target.describe(request), session: target.session }
  const step = engine.tryDecide(statement) ?? (await engine.decide(statement, target))
  sessions.follow(step.plan)
  return await executeStep({ engine, target, step }, request)
}

/** Calls back where the application gave a callback, as node-postgres does: what it throws is uncaught. */
function answer({ callback }: PgRequest, result: Promise<PgResult>): Promise<PgResult> | undefined {
  if (callback === undefined) return result
  const call = (...args: Parameters<PgCallback>) => process.nextTick(callback, ...args)
  result.then(
    (value) => call(null, value),
    (error) => call(error),
  )
  return undefined
}

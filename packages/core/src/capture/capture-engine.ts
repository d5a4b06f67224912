import { tryGetAuditContext } from '../context/audit-context.ts'
import { type ContextEncoder, createContextEncoder } from '../context/encode-context.ts'
import { AuditError } from '../errors.ts'
import type { Redaction } from '../redact/redaction.ts'
import { planStatement } from '../sql/plan.ts'
import type { Plan, TableName, UnprovablePlan, WritePlan } from '../sql/plan-types.ts'
import { withoutLiterals } from '../sql/without-literals.ts'
import type { AuditQueryable } from '../store/audit-database.ts'
import type { ResolvedCaptureOptions } from './capture-options.ts'
import type { CaptureSession } from './capture-session.ts'
import { type Catalog, loadCatalog, type Table } from './catalog.ts'
import { effectsOf } from './effects.ts'
import { refusalOf } from './guard.ts'
import { rewriteWrite } from './rewrite.ts'
import { createStatementNames, type StatementNames } from './statement-names.ts'

interface Planned {
  /** What the statement was found to do. */
  readonly plan: Plan
}

/** A statement to run as it is. */
export interface PassStep extends Planned {
  readonly kind: 'pass'
}

/** A write that carries its own entry. */
export interface WriteStep extends Planned {
  readonly kind: 'write'
  readonly sql: string
  /** Whether the user's own RETURNING list precedes our column. */
  readonly returning: boolean
  readonly usesRules: boolean
  /** Whether the context travels in a setting, because the statement has no parameter left for it. */
  readonly contextInSetting: boolean
  readonly nameable: boolean
}

/** A statement that may change rows which no image can show. */
export interface UncapturedStep extends Planned {
  readonly kind: 'uncaptured'
  readonly operation: 'statement' | 'ddl' | 'truncate'
  readonly reason: string
  readonly verb: string
  readonly tables: readonly TableName[]
  /** The text without its literals and comments. */
  readonly text: string
  /** Whether EXPLAIN may be asked which tables it writes. */
  readonly explainable: boolean
  /** Whether PostgreSQL runs it inside a transaction block. */
  readonly transactional: boolean
}

/** What to do with one statement. */
export type CaptureStep = PassStep | WriteStep | UncapturedStep

/** Decides how each statement of one pool of connections is captured. */
export interface CaptureEngine {
  readonly options: ResolvedCaptureOptions
  readonly names: StatementNames
  readonly onEntry: () => void
  /**
   * Decides about a statement, from memory where it was seen before.
   *
   * @throws AuditError `AUDIT_ACTOR_MISSING` or `AUDIT_UNCAPTURED` where the options refuse the statement.
   */
  prepare(statement: Statement): Promise<CaptureStep>
  /** The bind that carries the running context. */
  encodeContext(withRules: boolean): string
  /** Loads the catalog anew over this connection: the schema changed. */
  refresh(database: AuditQueryable): Promise<void>
  /** Makes the next write load the catalog anew, in the background. */
  expire(): void
  /** Finds a table in the catalog. */
  locate(name: TableName): Table | undefined
}

/** A statement as it reaches the connection. */
export interface Statement {
  readonly sql: string
  readonly parameters: number
  readonly session: CaptureSession
  /** Where to load the catalog from when the statement names an unknown table: the statement's own connection. */
  readonly database: AuditQueryable
}

/** What an engine is made of. */
export interface CaptureEngineParts {
  readonly options: ResolvedCaptureOptions
  readonly redaction: Redaction
  /** The catalog as loaded at connect. */
  readonly catalog: Catalog
  /** The pool, for loading it again. */
  readonly database: AuditQueryable
  /** Told when entries were written or committed, so that the sealer may wake. It must be cheap. */
  readonly onEntry: () => void
  /** The clock that tells how old the catalog is. @default Date.now */
  readonly now?: () => number
}

const maxRemembered = 1000
const maxRememberedText = 8192
const maxParameters = 65535
// Named statements of very many parameters (createMany) would fill the server's memory and rarely come twice.
const maxNamedParameters = 100
// A migration run by another process is noticed within this time; one of our own, or an unknown name, at once.
const catalogLifetime = 10_000

/** Creates the engine of one pool of connections. */
export function createCaptureEngine({ now = Date.now, ...parts }: CaptureEngineParts): CaptureEngine {
  const { options, redaction } = parts
  const encoder: ContextEncoder = createContextEncoder(redaction)
  const names = createStatementNames()
  const remembered = new Map<string, CaptureStep>()
  let catalog = parts.catalog
  let loadedAt = now()

  async function refresh(database: AuditQueryable): Promise<void> {
    loadedAt = now()
    const fresh = await loadCatalog(database)
    if (fresh.text === catalog.text) return
    catalog = fresh
    remembered.clear()
    names.forgetAll()
  }

  function decide(statement: Statement): CaptureStep {
    const { sql, parameters, session } = statement
    const certain = !session.namesUncertain && !session.everythingUncertain
    const memory = `${parameters} ${sql}`
    const known = certain ? remembered.get(memory) : undefined
    if (known !== undefined) return known
    const step = stepFor(statement, { catalog, redaction, options })
    if (certain && sql.length <= maxRememberedText) {
      if (remembered.size >= maxRemembered) remembered.delete(remembered.keys().next().value ?? '')
      remembered.set(memory, step)
    }
    return step
  }

  return {
    options,
    names,
    onEntry: parts.onEntry,
    refresh,
    expire: () => {
      loadedAt = Number.NEGATIVE_INFINITY
    },
    locate: (name) => catalog.find(name),
    encodeContext: (withRules) => encoder.encode(tryGetAuditContext(), withRules),
    async prepare(statement) {
      let step = decide(statement)
      if (step.kind === 'pass') return step
      if (step.kind === 'uncaptured' && step.reason === unknownTable) {
        await refresh(statement.database)
        step = decide(statement)
      } else if (now() - loadedAt > catalogLifetime) {
        // In the background: the write at hand does not wait. A failure leaves the old catalog in force.
        refresh(parts.database).catch(() => undefined)
      }
      requireActor(options, step)
      requireCaptured(options, step)
      return step
    },
  }
}

const unknownTable = 'the catalog does not know the table'

interface Knowledge {
  readonly catalog: Catalog
  readonly redaction: Redaction
  readonly options: ResolvedCaptureOptions
}

function stepFor(statement: Statement, knowledge: Knowledge): CaptureStep {
  const plan = planStatement(statement.sql)
  switch (plan.kind) {
    case 'write':
      return writeStep(statement, plan, knowledge)
    case 'unprovable':
      return uncapturedStep(statement.sql, plan)
    default:
      return { kind: 'pass', plan }
  }
}

function writeStep(
  statement: Statement,
  plan: WritePlan,
  { catalog, redaction, options }: Knowledge,
): CaptureStep {
  const { sql, parameters, session } = statement
  // The server refuses such a statement. Adding our context would give the user's last placeholder a value.
  if (plan.maxParameter !== parameters) return { kind: 'pass', plan }
  const table = catalog.find(plan.table)
  const refused = (reason: string) => uncapturedWrite(sql, plan, reason)
  if (session.everythingUncertain) return refused('a setting of the connection changed what statements mean')
  if (session.namesUncertain && plan.table.schema === undefined) return refused('the search path was changed')
  if (table === undefined) return refused(unknownTable)
  const reason = refusalOf(plan, table)
  if (reason !== undefined) return refused(reason)

  const contextInSetting = parameters >= maxParameters
  const rules = redaction.rulesOf({ ...table, columns: table.columns.values() })
  const effects = effectsOf(plan, table)
  if (effects.length > 0 && options.onUncaptured === 'throw') {
    return refused('foreign key actions would change rows of other tables')
  }
  const context = contextInSetting ? `current_setting('indelible.context')` : `$${parameters + 1}`
  const rewritten = rewriteWrite(
    { sql, plan, table },
    { version: catalog.version, context: `${context}::indelible.context`, rules, effects },
  )
  if ('refused' in rewritten) return refused(rewritten.refused)
  return {
    kind: 'write',
    plan,
    sql: rewritten.sql,
    returning: plan.returning !== undefined,
    usesRules: rules !== undefined,
    contextInSetting,
    nameable:
      options.nameStatements && parameters > 0 && parameters <= maxNamedParameters && !plan.returningStars,
  }
}

function uncapturedWrite(sql: string, plan: WritePlan, reason: string): UncapturedStep {
  return {
    kind: 'uncaptured',
    plan,
    operation: 'statement',
    reason,
    verb: plan.verb.toUpperCase(),
    tables: [plan.table],
    text: withoutLiterals(sql),
    explainable: false,
    transactional: true,
  }
}

const explainableVerbs = new Set(['WITH', 'INSERT', 'UPDATE', 'DELETE', 'MERGE'])

function uncapturedStep(sql: string, plan: UnprovablePlan): UncapturedStep {
  return {
    kind: 'uncaptured',
    plan,
    operation: plan.class,
    reason: plan.reason,
    verb: plan.verb ?? 'UNKNOWN',
    tables: plan.tables,
    text: withoutLiterals(sql),
    // A text of several statements would run its second one under EXPLAIN of the first.
    explainable: plan.statements === 'one' && explainableVerbs.has(plan.verb ?? ''),
    transactional: plan.transactional,
  }
}

function requireActor({ onMissingActor, onWarning }: ResolvedCaptureOptions, step: CaptureStep): void {
  if (onMissingActor === 'allow' || step.kind === 'pass' || tryGetAuditContext()?.actor !== undefined) return
  const message = 'A write has no actor: wrap the call in runWithAuditContext({ actor }, …).'
  if (onMissingActor === 'reject') throw new AuditError('AUDIT_ACTOR_MISSING', message)
  onWarning({ code: 'AUDIT_ACTOR_MISSING', message, facts: {} })
}

function requireCaptured({ onUncaptured, onWarning }: ResolvedCaptureOptions, step: CaptureStep): void {
  if (onUncaptured === 'record' || step.kind !== 'uncaptured') return
  const { verb, tables, reason, text } = step
  const message = `This ${verb} cannot be captured: ${reason}.`
  const facts = { verb, tables, reason, sql: text }
  if (onUncaptured === 'throw') throw new AuditError('AUDIT_UNCAPTURED', message, { facts })
  onWarning({ code: 'AUDIT_UNCAPTURED', message, facts })
}

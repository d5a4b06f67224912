import { createContextEncoder } from '../context/encode-context.ts'
import { getWrittenContext } from '../context/written-context.ts'
import type { Redaction } from '../redact/redaction.ts'
import type { TableName } from '../sql/plan-types.ts'
import type { AuditDatabase, AuditQueryable } from '../store/audit-database.ts'
import type { ResolvedCaptureOptions } from './capture-options.ts'
import { type CaptureStep, type Statement, unknownTable } from './capture-step.ts'
import type { Catalog, Table } from './catalog.ts'
import { type CurrentCatalog, createCurrentCatalog } from './current-catalog.ts'
import { decideStep } from './decide-step.ts'
import { loadSessionCatalog } from './session-catalog.ts'
import { createStatementNames, type StatementNames } from './statement-names.ts'

/** Decides how each statement of one pool of connections is captured. */
export interface CaptureEngine {
  readonly options: ResolvedCaptureOptions
  readonly names: StatementNames
  readonly catalog: CurrentCatalog
  /** Told when entries were written or committed, so that the sealer may wake. */
  readonly onEntry: () => void
  /** Decides about a statement, from memory where it was seen before; `undefined` when the catalog must be read first. */
  tryDecide(statement: Statement): CaptureStep | undefined
  /** Decides about a statement, after reading the catalog anew where that is needed. */
  decide(statement: Statement, connection: StatementConnection): Promise<CaptureStep>
  /** The bind that carries the running context. */
  encodeContext(withRules: boolean): string
  /** Finds a table in the catalog. */
  locate(name: TableName): Table | undefined
}

/** Where a statement is about to run. */
export interface StatementConnection {
  readonly inTransaction: boolean
  /** Whether it is held outside of transactions too. Then the pool may have no other. @default false */
  readonly held?: boolean
  /** Runs statements of ours there. */
  readonly audit: AuditQueryable
}

/** What an engine is made of. */
export interface CaptureEngineParts {
  readonly options: ResolvedCaptureOptions
  readonly redaction: Redaction
  /** The catalog as loaded at connect. */
  readonly catalog: Catalog
  /** The pool, for loading it again. */
  readonly database: AuditDatabase
  /** Told when entries were written or committed. It must be cheap. */
  readonly onEntry: () => void
  /** The clock that tells how old the catalog is. @default Date.now */
  readonly now?: () => number
}

/** Creates the engine of one pool of connections. */
export function createCaptureEngine({ now = Date.now, ...parts }: CaptureEngineParts): CaptureEngine {
  const { options, redaction, onEntry } = parts
  const encoder = createContextEncoder(redaction)
  const names = createStatementNames()
  const memory = createStepMemory()
  const catalog = createCurrentCatalog({
    ...parts,
    now,
    onChange: () => {
      memory.clear()
      names.forgetAll()
    },
    onError: (error) => options.onWarning(catalogWarning(error)),
  })

  function recallStep(statement: Statement): CaptureStep {
    const { session } = statement
    if (session.catalog !== undefined) {
      return decideStep(statement, { catalog: session.catalog, redaction, options })
    }
    const decideAnew = () => decideStep(statement, { catalog: catalog.get(), redaction, options })
    return session.changedSettings.size === 0 ? memory.recall(statement, decideAnew) : decideAnew()
  }

  return {
    options,
    names,
    catalog,
    onEntry,
    locate: (name) => catalog.get().find(name),
    encodeContext: (withRules) => encoder.encode(getWrittenContext(), withRules),
    tryDecide(statement) {
      const step = recallStep(statement)
      const isKnown = !isDoubtful(step) && !catalog.expired && !statement.session.catalogExpired
      const certain = step.kind === 'pass' || isKnown
      return certain ? step : undefined
    },
    async decide(statement, connection) {
      await lookAgain({ catalog, options }, statement, connection)
      return recallStep(statement)
    },
  }
}

function isDoubtful(step: CaptureStep): boolean {
  return step.kind === 'uncaptured' && step.reason === unknownTable
}

/**
 * Inside a transaction the catalog is read over its own connection, which sees what it has created itself, and holds for
 * it alone: it may be rolled back, and the pool may have no second connection.
 */
async function lookAgain(
  { catalog, options }: Pick<CaptureEngine, 'catalog' | 'options'>,
  { session }: Statement,
  { inTransaction, held = false, audit }: StatementConnection,
): Promise<void> {
  if (!inTransaction) return await catalog.refresh(held ? audit : undefined)
  await loadSessionCatalog({ session, audit }, options)
}

const maxRemembered = 1000
// A createMany of a hundred rows fits: planning it costs more than half a millisecond.
const maxRememberedText = 65_536
const maxRememberedTotal = 16_777_216

/** Remembers decisions by text, the oldest forgotten first. */
function createStepMemory() {
  const steps = new Map<string, { readonly parameters: number; readonly step: CaptureStep }>()
  let total = 0

  function forgetOldest(): void {
    const [oldest = ''] = steps.keys()
    steps.delete(oldest)
    total -= oldest.length
  }

  return {
    clear() {
      steps.clear()
      total = 0
    },
    recall({ sql, parameters }: Statement, decideAnew: () => CaptureStep): CaptureStep {
      const known = steps.get(sql)
      if (known?.parameters === parameters) return known.step
      const step = decideAnew()
      if (known !== undefined || sql.length > maxRememberedText) return step
      while (steps.size >= maxRemembered || total + sql.length > maxRememberedTotal) forgetOldest()
      steps.set(sql, { parameters, step })
      total += sql.length
      return step
    },
  }
}

function catalogWarning(error: unknown) {
  const reason = error instanceof Error ? error.message : String(error)
  return {
    code: 'AUDIT_CATALOG_FAILED' as const,
    message: `The catalog could not be read again, so changes of the schema may go unnoticed: ${reason}`,
    facts: { error },
  }
}

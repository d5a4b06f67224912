import { resolveCaptureOptions } from '../capture/capture-options.ts'
import { createSession } from '../capture/capture-session.ts'
import { decideStep } from '../capture/decide-step.ts'
import type { Catalog, Table } from '../capture/catalog.ts'
import type { Effect } from '../capture/effects.ts'
import { foreseeEffects } from '../capture/foreseen-effects.ts'
import type { Redaction } from '../redact/redaction.ts'
import { type SampleStatement, sampleStatements } from './sample-statements.ts'

/** How the writes of one table are captured. */
export interface TableCoverage {
  readonly schema: string
  readonly name: string
  readonly kind: 'table' | 'partitioned table' | 'view' | 'materialized view' | 'foreign table'
  /**
   * `statement`: by the statements of applications that use Indelible, other programs' writes are not seen. `trigger`: by capture
   * triggers, whoever writes. `none`: statements on it are recorded, their rows are not.
   */
  readonly captured: 'statement' | 'trigger' | 'none'
  /** What is not exact, and why; empty when every row is entered as it is. */
  readonly gaps: readonly CoverageGap[]
}

/** One thing that the trail does not tell of a table, or not exactly. */
export interface CoverageGap {
  /** The verbs that it holds for. */
  readonly verbs: readonly string[]
  readonly reason: string
}

/** What the report is made from: the same as the engine's decisions. */
export interface CoverageKnowledge {
  readonly catalog: Catalog
  readonly redaction: Redaction
  /** Whether capture triggers see every row that anything in the database changes by itself. */
  readonly everythingIsCaptured: boolean
}

const kinds: Readonly<Record<string, TableCoverage['kind']>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
}

/** Asks the engine what it does with each of the sample statements of a table. */
export function coverTable(table: Table, knowledge: CoverageKnowledge): TableCoverage {
  const answers = sampleStatements(table).map((sample) => ({ ...sample, ...ask(sample, table, knowledge) }))
  const isCaptured = answers.some(({ refused }) => refused === undefined)
  const gaps = [
    ...answers.flatMap(({ verb, refused }) => (refused === undefined ? [] : [{ verb, reason: refused }])),
    ...effectGaps(answers),
    ...(isCaptured ? tableReasons(table, knowledge).map((reason) => ({ verb: '', reason })) : []),
  ]
  return {
    schema: table.schema,
    name: table.name,
    kind: kinds[table.kind] ?? 'table',
    captured: !isCaptured ? 'none' : table.captured ? 'trigger' : 'statement',
    gaps: groupByReason(gaps),
  }
}

interface Answer {
  /** Why the statement would be recorded and not captured. */
  readonly refused: string | undefined
  /** The foreign key actions that would be announced. */
  readonly effects: readonly Effect[]
}

function ask(
  { sql, parameters }: { readonly sql: string; readonly parameters: number },
  table: Table,
  { catalog, redaction }: CoverageKnowledge,
): Answer {
  const options = resolveCaptureOptions({})
  const step = decideStep({ sql, parameters, session: createSession() }, { catalog, redaction, options })
  if (step.kind === 'uncaptured') return { refused: step.reason, effects: [] }
  if (step.plan.kind !== 'write') return { refused: undefined, effects: [] }
  const { announced } = foreseeEffects({ sql, plan: step.plan, table }, { catalog, redaction })
  return { refused: undefined, effects: announced }
}

function effectGaps(answers: readonly (SampleStatement & Answer)[]): { verb: string; reason: string }[] {
  const always = answers.filter(({ showsRows }) => !showsRows).flatMap(describeEffects)
  const shown = answers.filter(({ showsRows }) => showsRows).flatMap(describeEffects)
  const onlyShown = shown.filter(({ verb, effect }) => !always.some((each) => each.verb === verb && each.effect === effect))
  return [
    ...always.map(({ verb, effect }) => ({ verb, reason: `foreign key actions are announced, not captured: ${effect}` })),
    ...onlyShown.map(({ verb, effect }) => ({
      verb,
      reason: `foreign key actions of a statement that may return several rows are announced, not captured: ${effect}`,
    })),
  ]
}

function describeEffects({ verb, effects }: SampleStatement & Answer): { verb: string; effect: string }[] {
  return effects.map(({ schema, name, action }) => ({ verb, effect: `${action} on ${schema}.${name}` }))
}

function tableReasons({ key, triggers, captured }: Table, { everythingIsCaptured }: CoverageKnowledge): string[] {
  const names = [...new Set(triggers.map(({ name }) => name))].join(', ')
  return [
    key.length > 0 ? [] : 'it has no primary key and no unique key without nulls: entries cannot name their row',
    names === '' || everythingIsCaptured
      ? []
      : `its own triggers may change rows of ${captured ? 'tables without capture triggers' : 'any table'} unseen: ${names}`,
  ].flat()
}

function groupByReason(gaps: readonly { readonly verb: string; readonly reason: string }[]): readonly CoverageGap[] {
  const reasons = [...new Set(gaps.map(({ reason }) => reason))]
  return reasons.map((reason) => {
    const verbs = gaps.filter((gap) => gap.reason === reason && gap.verb !== '').map(({ verb }) => verb)
    return { verbs: [...new Set(verbs)], reason }
  })
}

import type { Redaction } from '../redact/redaction.ts'
import type { TableName } from '../sql/plan-types.ts'
import { type CascadeCall, cascadeOf } from './cascade-call.ts'
import type { Catalog } from './catalog.ts'
import { type Effect, effectsOf } from './effects.ts'
import type { Write } from './rewrite.ts'

/** What a write may set off by foreign keys, and how the trail learns of it. */
export interface ForeseenEffects {
  /** What follows them row by row, on the tables that have no capture triggers. */
  readonly cascade?: CascadeCall | undefined
  /** What the statement is to announce. With a function: where that finds the tables changed, so that it follows nothing. */
  readonly effects: readonly Effect[]
  /** Actions whose rows no entry will tell, as far as is known now. */
  readonly announced: readonly Effect[]
  /** Tables whose capture triggers enter the rows, which the statement itself must make sure of. */
  readonly relied: readonly TableName[]
}

/** Foresees what foreign keys do when a statement runs. */
export function foreseeEffects(
  write: Write,
  { catalog, redaction }: { readonly catalog: Pick<Catalog, 'find'>; readonly redaction: Redaction },
): ForeseenEffects {
  const { plan, table } = write
  const effects = effectsOf(plan, table, catalog)
  const isCaptured = (effect: Effect) => catalog.find(effect)?.captured === true
  const others = effects.filter((effect) => !isCaptured(effect))
  // A table with capture triggers has no function: its statements know no rows.
  const cascade = table.captured ? undefined : cascadeOf(write, catalog, redaction)
  if (cascade === undefined) {
    return { effects: others, announced: others, relied: namesOf(effects.filter(isCaptured)) }
  }
  return { cascade, effects, announced: notFollowed(others, cascade), relied: [] }
}

function notFollowed(effects: readonly Effect[], { complete, tables }: CascadeCall): readonly Effect[] {
  if (complete) return []
  return effects.filter(
    (effect) => !tables.some(([schema, name]) => schema === effect.schema && name === effect.name),
  )
}

function namesOf(effects: readonly Effect[]): readonly TableName[] {
  const byName = new Map(
    effects.map(({ schema, name }) => [JSON.stringify([schema, name]), { schema, name }]),
  )
  return [...byName.values()]
}

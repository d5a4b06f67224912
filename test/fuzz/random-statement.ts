import type { Random } from '../sql/random.ts'
import { assignments, columnValue, type Draft, keyOf, keyValue, oneOf, where } from './draft.ts'
import { keyExpression, type Param } from './random-key.ts'
import type { FuzzSchema, FuzzTable } from './random-schema.ts'
import { recordedStatements } from './recorded-statement.ts'

/** A statement with its parameters. */
export interface FuzzStatement {
  readonly sql: string
  readonly params: readonly Param[]
}

/** Makes an INSERT, UPDATE or DELETE in any of the ways in which ORMs and people write them; where asked, one that is recorded. */
export function randomStatement(random: Random, schema: FuzzSchema): FuzzStatement {
  const draft = { random, schema, table: random.pick(schema.tables), params: [] }
  const isRecorded = schema.recorded && random.below(12) === 0
  const make = isRecorded
    ? random.pick(recordedStatements)
    : random.pick([
        insert,
        insert,
        insert,
        insertFromSelect,
        update,
        update,
        update,
        updateFrom,
        remove,
        removeUsing,
      ])
  return { sql: make(draft), params: draft.params }
}

/** Fills a table, so that the others find rows to refer to. */
export function fillTable({ name, key }: FuzzTable): FuzzStatement {
  const keys = key.map(({ kind }) => keyExpression(kind, 'n'))
  const references = 'counted'
  const columns = [...key.map((column) => column.name), references].join(', ')
  return {
    sql: `insert into ${name} (${columns}) select ${[...keys, 'n'].join(', ')} from generate_series(1, 7) n`,
    params: [],
  }
}

function insert(draft: Draft): string {
  const { random, table } = draft
  const columns = [...table.key, ...table.columns].map(({ name }) => name)
  const row = () =>
    `(${[...table.key.map((key) => keyValue(draft, key)), ...table.columns.map((column) => columnValue(draft, column))].join(', ')})`
  const rows = Array.from({ length: 1 + random.below(3) }, row)
  return `insert into ${table.name} (${columns.join(', ')}) values ${rows.join(', ')}${conflict(draft)}${returning(draft)}`
}

function insertFromSelect(draft: Draft): string {
  const { random, table } = draft
  if (table.key.length === 0)
    return `insert into ${table.name} (counted) select g from generate_series(1, ${random.below(4)}) g`
  const names = table.key.map(({ name }) => name)
  const keys = table.key.map(({ kind }) => keyExpression(kind, 'n'))
  const [from, to] = [keyOf(draft, 'int'), keyOf(draft, 'int')]
  return `insert into ${table.name} (${names.join(', ')}, counted) select ${keys.join(', ')}, n * 2 from generate_series(${from}, ${to}) n${conflict(draft)}${returning(draft)}`
}

function conflict(draft: Draft): string {
  const { random, table } = draft
  if (table.key.length === 0) return ''
  const target = `(${table.key.map(({ name }) => name).join(', ')})`
  const filter = random.pick(['', '', ` where ${table.name}.counted < 5`])
  return oneOf(
    random,
    () => '',
    () => ' on conflict do nothing',
    () => ` on conflict ${target} do update set counted = ${table.name}.counted + 1${filter}`,
    () => ` on conflict ${target} do update set ${assignments(draft)}${filter}`,
  )
}

function update(draft: Draft): string {
  const alias = draft.random.pick(['', '', ' as "t 1"'])
  return `update ${draft.table.name}${alias} set ${assignments(draft)}${where(draft)}${returning(draft)}`
}

function updateFrom(draft: Draft): string {
  return `update ${draft.table.name} set ${assignments(draft)} from ${joined(draft)}`
}

function removeUsing(draft: Draft): string {
  return `delete from ${draft.table.name} using ${joined(draft)} and o.counted > 2`
}

/** Several rows may match one: which of them does not show, for no value is taken from it. */
function joined({ random, schema, table }: Draft): string {
  const other = random.pick(schema.tables)
  return `${other.name} o where o.counted = ${table.name}.counted${random.pick(['', ' and o.counted > 1'])}`
}

function remove(draft: Draft): string {
  return `delete from ${draft.table.name}${where(draft)}${returning(draft)}`
}

function returning({ random, table }: Draft): string {
  const [key] = table.key
  const name = key?.name ?? 'counted'
  return random.pick(['', '', ' returning *', ` returning ${name}`, ' returning counted + 1 as "sum", 1'])
}

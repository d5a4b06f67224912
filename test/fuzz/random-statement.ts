import type { Random } from '../sql/random.ts'
import type { FuzzSchema, FuzzTable } from './random-schema.ts'
import { randomValue } from './random-value.ts'

/** A statement with its parameters, all of them whole numbers. */
export interface FuzzStatement {
  readonly sql: string
  readonly params: readonly number[]
}

interface Draft {
  readonly random: Random
  readonly table: FuzzTable
  readonly schema: FuzzSchema
  readonly params: number[]
}

/** Makes an INSERT, UPDATE or DELETE in any of the ways in which ORMs and people write them. */
export function randomStatement(random: Random, schema: FuzzSchema): FuzzStatement {
  const draft = { random, schema, table: random.pick(schema.tables), params: [] }
  const make = random.pick([
    insert,
    insert,
    insert,
    update,
    update,
    update,
    remove,
    insertFromSelect,
    updateFrom,
  ])
  return { sql: make(draft), params: draft.params }
}

function insert(draft: Draft): string {
  const { random, table } = draft
  const columns = [...table.key, ...table.columns.map(({ name }) => name)]
  const row = () =>
    `(${[...table.key.map(() => keyValue(draft)), ...table.columns.map(({ type }) => randomValue(random, type))].join(', ')})`
  const rows = Array.from({ length: 1 + random.below(3) }, row)
  return `insert into ${table.name} (${columns.join(', ')}) values ${rows.join(', ')}${conflict(draft)}${returning(draft)}`
}

function insertFromSelect(draft: Draft): string {
  const { random, table } = draft
  const [first, ...others] = table.key
  if (first === undefined)
    return `insert into ${table.name} (counted) select g from generate_series(1, ${random.below(4)}) g`
  const keys = ['n', ...others.map(() => 'n')]
  return `insert into ${table.name} (${table.key.join(', ')}, counted) select ${keys.join(', ')}, n * 2 from generate_series(${keyValue(draft)}, ${keyValue(draft)}) n${conflict(draft)}${returning(draft)}`
}

function conflict(draft: Draft): string {
  const { random, table } = draft
  if (table.key.length === 0) return ''
  const target = `(${table.key.join(', ')})`
  const filter = random.pick(['', '', ` where ${table.name}.counted < 5`])
  return random.pick([
    '',
    ' on conflict do nothing',
    ` on conflict ${target} do update set counted = ${table.name}.counted + 1${filter}`,
    ` on conflict ${target} do update set ${assignments(draft)}${filter}`,
  ])
}

function update(draft: Draft): string {
  const alias = draft.random.pick(['', '', ' as "t 1"'])
  return `update ${draft.table.name}${alias} set ${assignments(draft)}${where(draft)}${returning(draft)}`
}

function updateFrom(draft: Draft): string {
  const { random, schema, table } = draft
  const other = random.pick(schema.tables)
  return `update ${table.name} set ${assignments(draft)} from ${other.name} o where o.counted = ${table.name}.counted${random.pick(['', ' and o.counted > 1'])}`
}

function remove(draft: Draft): string {
  return `delete from ${draft.table.name}${where(draft)}${returning(draft)}`
}

function assignments(draft: Draft): string {
  const { random, table } = draft
  const value = table.columns.filter(() => random.below(2) === 0)
  const [key] = table.key
  const all = [
    ...value.map(({ name, type }) => `${name} = ${randomValue(random, type)}`),
    ...(random.below(3) === 0
      ? ['counted = counted + 1'.replace('= counted', `= ${random.pick(['7', bind(draft)])}`)]
      : []),
    ...(key !== undefined && random.below(8) === 0 ? [`${key} = ${keyValue(draft)}`] : []),
  ]
  return all.length === 0 ? 'counted = 3' : all.join(', ')
}

function where(draft: Draft): string {
  const { random, table } = draft
  const [key, second] = table.key
  if (key === undefined) return random.pick([' where counted > 1', ' where counted = 0'])
  return random.pick([
    ` where ${key} = ${keyValue(draft)}`,
    ` where ${key} = ${keyValue(draft)}${second === undefined ? '' : ` and ${second} = ${keyValue(draft)}`}`,
    ` where ${key} in (${keyValue(draft)}, ${keyValue(draft)})`,
    ` where ${key} between 2 and ${keyValue(draft)} and counted is not null`,
    ' where counted % 2 = 1',
    ' where false',
  ])
}

function returning({ random, table }: Draft): string {
  const [key = 'counted'] = table.key
  return random.pick(['', '', ' returning *', ` returning ${key}`, ' returning counted + 1 as "sum", 1'])
}

function keyValue(draft: Draft): string {
  return draft.random.below(2) === 0 ? String(1 + draft.random.below(9)) : bind(draft)
}

/** A cast, for where nothing else tells the server the type. */
function bind({ random, params }: Draft): string {
  params.push(1 + random.below(9))
  return `$${params.length}::int`
}

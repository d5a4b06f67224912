import { quoteIdentifier } from '../../packages/core/src/sql/quote.ts'
import type { Random } from '../sql/random.ts'
import { type KeyKind, keyLiteral, randomKeyKind } from './random-key.ts'
import { foreignKeys, referencesOf } from './random-references.ts'
import { triggersOf } from './random-triggers.ts'
import { type FuzzType, fuzzTypes, typesSql } from './random-value.ts'

/** A column that statements may assign: of a type of its own, or of the type of a key that it refers to. */
export interface FuzzColumn {
  /** As SQL writes it. */
  readonly name: string
  readonly type: FuzzType | { readonly refersTo: KeyKind }
}

/** A column of a key. */
export interface FuzzKey {
  /** As SQL writes it. */
  readonly name: string
  readonly kind: KeyKind
}

/** A table of a random schema. */
export interface FuzzTable {
  /** As SQL writes it. */
  readonly name: string
  /** Of nine values each, so that rows meet. Empty: a table without a key. */
  readonly key: readonly FuzzKey[]
  readonly columns: readonly FuzzColumn[]
}

/** What a round of the fuzz is made of. */
export interface FuzzSchema {
  readonly sql: string
  readonly tables: readonly [FuzzTable, ...FuzzTable[]]
  /** The tables with capture triggers. */
  readonly watched: readonly string[]
  /** Whether the completeness check runs. Then triggers write a table called `noted`. */
  readonly compared: boolean
  /** Whether statements come that are recorded and not captured, and changes of the schema. */
  readonly recorded: boolean
}

const tableNames = ['plain', '"Mixed Case"', '"select"', '"quo""te"', '"tïere"'] as const
const columnNames = [
  'a',
  'b',
  '"C d"',
  '"where"',
  '"x""y"',
  '"ö"',
  'returning_',
  '"new"',
  '"old"',
  '"excluded"',
] as const

/** Makes a schema: two to four tables, keys of all kinds, generated columns, triggers, foreign keys with actions, partitions. */
export function randomSchema(random: Random): FuzzSchema {
  const compared = random.below(4) === 0
  const plain = tableNames.slice(0, 2 + random.below(3)).map((name) => randomTable(random, name))
  const references = random.below(3) === 0 ? [] : referencesOf(random, plain)
  const tables = plain.map((table) => ({
    ...table,
    columns: [...table.columns, ...references.flatMap((each) => (each.child === table ? each.columns : []))],
  }))
  const [first, ...others] = tables
  if (first === undefined) throw new Error('a schema has tables')
  const definitions = tables.map((table) => define(random, table))
  const triggers = tables.map((table) => triggersOf(random, table.name, compared))
  return {
    sql: [typesSql, ...definitions, ...foreignKeys(references), ...triggers.flat()].join(';\n'),
    tables: [first, ...others],
    watched: random.below(3) === 0 ? tables.flatMap(({ name }) => (random.below(2) === 0 ? [name] : [])) : [],
    compared,
    recorded: random.below(4) === 0,
  }
}

function randomTable(random: Random, name: string): FuzzTable {
  const names = shuffle(random, columnNames)
  const keyed = random.pick([1, 1, 1, 2, 0])
  const key = names.slice(0, keyed).map((column) => ({ name: column, kind: randomKeyKind(random) }))
  const columns = names.slice(keyed, keyed + 1 + random.below(5))
  return { name, key, columns: columns.map((column) => ({ name: column, type: random.pick(fuzzTypes) })) }
}

function define(random: Random, { name, key, columns }: FuzzTable): string {
  const lines = [
    ...key.map((column) => `${column.name} ${column.kind} not null`),
    ...columns.map((column) => `${column.name} ${typeOf(column)}`),
    'counted int default 0',
    ...(random.below(3) === 0 ? ['twice int generated always as (counted * 2) stored'] : []),
    ...(key.length > 0 ? [`primary key (${key.map((column) => column.name).join(', ')})`] : []),
  ]
  const [by] = key
  const isPartitioned = by !== undefined && random.below(5) === 0
  const table = `create table ${name} (${lines.join(', ')})`
  return isPartitioned
    ? [`${table} partition by range (${by.name})`, ...partitions(name, by)].join(';\n')
    : table
}

function typeOf({ type }: FuzzColumn): string {
  return typeof type === 'string' ? type : `${type.refersTo} default ${keyLiteral(type.refersTo, 5)}`
}

function partitions(table: string, { kind }: FuzzKey): readonly string[] {
  const part = (suffix: string) => quoteIdentifier(`part ${table} ${suffix}`)
  const middle = keyLiteral(kind, 5)
  return [
    `create table ${part('low')} partition of ${table} for values from (minvalue) to (${middle})`,
    `create table ${part('high')} partition of ${table} for values from (${middle}) to (maxvalue)`,
  ]
}

function shuffle(random: Random, items: readonly string[]): string[] {
  const left = [...items]
  return items.flatMap(() => left.splice(random.below(left.length), 1))
}

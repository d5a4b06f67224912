import { quoteIdentifier } from '../../packages/core/src/sql/quote.ts'
import type { Random } from '../sql/random.ts'
import { type FuzzType, fuzzTypes, typesSql } from './random-value.ts'

/** A column that statements may assign. */
export interface FuzzColumn {
  /** As SQL writes it. */
  readonly name: string
  readonly type: FuzzType
}

/** A table of a random schema. */
export interface FuzzTable {
  /** As SQL writes it. */
  readonly name: string
  /** Whole numbers from 1 to 9, so that rows meet. Empty: a table without a key. */
  readonly key: readonly string[]
  readonly columns: readonly FuzzColumn[]
}

/** A random schema. */
export interface FuzzSchema {
  readonly sql: string
  readonly tables: readonly [FuzzTable, ...FuzzTable[]]
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

/** Makes a schema: two to four tables, keys of all kinds, generated columns, triggers, foreign keys, partitions. */
export function randomSchema(random: Random): FuzzSchema {
  const tables = tableNames.slice(0, 2 + random.below(3)).map((name) => randomTable(random, name))
  const [first, ...others] = tables
  if (first === undefined) throw new Error('a schema has tables')
  const definitions = tables.map((table, index) => define(random, table, tables[index - 1]))
  return { sql: [typesSql, ...definitions].join(';\n'), tables: [first, ...others] }
}

function randomTable(random: Random, name: string): FuzzTable {
  const names = shuffle(random, columnNames)
  const keyed = random.pick([1, 1, 1, 2, 0])
  const key = names.slice(0, keyed)
  const columns = names.slice(keyed, keyed + 1 + random.below(5))
  return { name, key, columns: columns.map((column) => ({ name: column, type: random.pick(fuzzTypes) })) }
}

function define(random: Random, { name, key, columns }: FuzzTable, parent: FuzzTable | undefined): string {
  const lines = [
    ...key.map((column) => `${column} int not null`),
    ...columns.map(({ name: column, type }) => `${column} ${type}`),
    'counted int default 0',
    ...(random.below(3) === 0 ? ['twice int generated always as (counted * 2) stored'] : []),
    ...(key.length > 0 ? [`primary key (${key.join(', ')})`] : []),
    ...(parent?.key.length === 1 && random.below(2) === 0 ? [`parent int references ${parent.name}`] : []),
  ]
  const isPartitioned = key.length > 0 && random.below(5) === 0
  const [by] = key
  const table = `create table ${name} (${lines.join(', ')})${isPartitioned ? ` partition by range (${by})` : ''}`
  return [
    table,
    ...(isPartitioned ? partitions(name) : []),
    ...(random.below(4) === 0 ? trigger(name) : []),
  ].join(';\n')
}

function partitions(table: string): readonly string[] {
  const part = (suffix: string) => quoteIdentifier(`part ${table} ${suffix}`)
  return [
    `create table ${part('low')} partition of ${table} for values from (minvalue) to (5)`,
    `create table ${part('high')} partition of ${table} for values from (5) to (maxvalue)`,
  ]
}

/** Changes a column that no statement names, and sometimes suppresses the row. */
function trigger(table: string): readonly string[] {
  const name = quoteIdentifier(`before ${table}`)
  return [
    `create function ${name}() returns trigger language plpgsql as $$ begin
      if tg_op = 'UPDATE' and new.counted = 13 then return null; end if;
      new.counted := coalesce(new.counted, 0) + 1; return new; end $$`,
    `create trigger t before insert or update on ${table} for each row execute function ${name}()`,
  ]
}

function shuffle(random: Random, items: readonly string[]): string[] {
  const left = [...items]
  return items.flatMap(() => left.splice(random.below(left.length), 1))
}

import type { Random } from '../sql/random.ts'
import { type KeyKind, keyLiteral, keyParameter, type Param } from './random-key.ts'
import type { FuzzColumn, FuzzKey, FuzzSchema, FuzzTable } from './random-schema.ts'
import { randomValue } from './random-value.ts'

/** A statement that is being made. */
export interface Draft {
  readonly random: Random
  readonly table: FuzzTable
  readonly schema: FuzzSchema
  readonly params: Param[]
}

/** What an UPDATE sets. */
export function assignments(draft: Draft): string {
  const { random, table } = draft
  const value = table.columns.filter(() => random.below(2) === 0)
  const [key] = table.key
  const all = [
    ...value.map((column) => `${column.name} = ${columnValue(draft, column)}`),
    ...(random.below(3) === 0
      ? [
          `counted = ${oneOf(
            random,
            () => '7',
            () => keyOf(draft, 'int'),
          )} + 1`,
        ]
      : []),
    ...(key !== undefined && random.below(8) === 0 ? [`${key.name} = ${keyValue(draft, key)}`] : []),
  ]
  return all.length === 0 ? 'counted = 3' : all.join(', ')
}

/** A condition of any number of rows, most often of one. */
export function where(draft: Draft): string {
  const { random, table } = draft
  const [key, second] = table.key
  if (key === undefined) return random.pick([' where counted > 1', ' where counted = 0', ''])
  const one = () =>
    ` where ${key.name} = ${keyValue(draft, key)}${second === undefined ? '' : ` and ${second.name} = ${keyValue(draft, second)}`}`
  return oneOf(
    random,
    one,
    one,
    () => ` where ${key.name} = ${keyValue(draft, key)}`,
    () => ` where ${key.name} in (${keyValue(draft, key)}, ${keyValue(draft, key)})`,
    () =>
      ` where ${key.name} between ${keyLiteral(key.kind, 2)} and ${keyValue(draft, key)} and counted is not null`,
    () => ' where counted % 2 = 1',
    () => ' where false',
  )
}

/** Makes one of several texts, and not the others: a text that has parameters adds them to its draft. */
export function oneOf(random: Random, ...texts: readonly [() => string, ...(() => string)[]]): string {
  return random.pick(texts)()
}

/** A value for a column. */
export function columnValue(draft: Draft, { type }: FuzzColumn): string {
  if (typeof type === 'string') return randomValue(draft.random, type)
  return draft.random.below(2) === 0 ? 'null' : keyOf(draft, type.refersTo)
}

/** A value for a column of the key. */
export function keyValue(draft: Draft, { kind }: FuzzKey): string {
  return keyOf(draft, kind)
}

/** One of the nine values of a key type, as a constant or a parameter. */
export function keyOf({ random, params }: Draft, kind: KeyKind): string {
  const n = 1 + random.below(9)
  return random.below(2) === 0 ? keyLiteral(kind, n) : keyParameter(kind, n, params)
}

import type { Random } from '../sql/random.ts'

/** Types of key columns. Each has nine values, numbered from 1 to 9, in the same order as their numbers. */
const kinds = {
  int: { of: (n: string) => n, literal: (n: number) => `${n}`, param: (n: number): number | string => n },
  bigint: {
    of: (n: string) => `(9007199254740990 + ${n})`,
    literal: (n: number) => `900719925474099${n}`,
    param: (n: number) => `900719925474099${n}`,
  },
  text: {
    of: (n: string) => `('ké "y'' ' || ${n})`,
    literal: (n: number) => `'ké "y'' ${n}'`,
    param: (n: number) => `ké "y' ${n}`,
  },
  uuid: {
    of: (n: string) => `lpad(${n}::text, 32, '0')::uuid`,
    literal: (n: number) => `'00000000-0000-0000-0000-00000000000${n}'`,
    param: (n: number) => `00000000-0000-0000-0000-00000000000${n}`,
  },
} as const

/** A type that a key column may have. */
export type KeyKind = keyof typeof kinds

/** A parameter of a statement. */
export type Param = number | string

/** A key type: mostly whole numbers. */
export function randomKeyKind(random: Random): KeyKind {
  return random.pick(['int', 'int', 'int', 'bigint', 'text', 'uuid'])
}

/** The value with a number that is known when the statement runs, as an SQL expression. */
export function keyExpression(kind: KeyKind, n: string): string {
  return kinds[kind].of(n)
}

/** The value with a number as an SQL constant. */
export function keyLiteral(kind: KeyKind, n: number): string {
  return kinds[kind].literal(n)
}

/** The value with a number as a parameter, with a cast for where nothing else tells the server the type. */
export function keyParameter(kind: KeyKind, n: number, params: Param[]): string {
  params.push(kinds[kind].param(n))
  return `$${params.length}${kind === 'int' ? '' : '::text'}::${kind}`
}

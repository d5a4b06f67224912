import { parseArgs } from 'node:util'
import type { BenchOrm } from './bench-orm.ts'
import { benchOrms } from './bench-orms.ts'

/** What to measure, and how long. */
export interface BenchOptions {
  /** The ORMs to measure. */
  readonly orms: readonly BenchOrm[]
  /** Rounds of the capture bench. Each runs every operation with every variant once, in random order. */
  readonly rounds: number
  /** Only benches and operations whose name contains this text; empty for all. */
  readonly only: string
  /** Whether to print all figures as JSON instead of tables. */
  readonly json: boolean
  /** Whether to put the tables into docs/benchmarks.md. */
  readonly write: boolean
  readonly major: 15 | 18
}

/** Reads the command line. @throws TypeError when an argument is unknown or out of range. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      orm: { type: 'string', multiple: true },
      rounds: { type: 'string', default: '12' },
      only: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      major: { type: 'string', default: '18' },
    },
  })
  const { only, json, write } = values
  return {
    orms: toOrms(values.orm),
    rounds: toRounds(values.rounds),
    only,
    json,
    write,
    major: toMajor(values.major),
  }
}

function toOrms(names: readonly string[] | undefined): readonly BenchOrm[] {
  const known = benchOrms.map(({ name }) => name)
  const unknown = names?.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new TypeError(`--orm must be one of ${known.join(', ')}, not ${unknown}`)
  return benchOrms.filter(({ name }) => names?.includes(name) ?? true)
}

function toRounds(text: string): number {
  const rounds = Number(text)
  if (!Number.isSafeInteger(rounds) || rounds < 1)
    throw new TypeError(`--rounds must be a whole number above 0, not ${text}`)
  return rounds
}

function toMajor(text: string): 15 | 18 {
  if (text === '15') return 15
  if (text === '18') return 18
  throw new TypeError(`--major must be 15 or 18, not ${text}`)
}

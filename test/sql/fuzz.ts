import type { Plan } from '../../packages/core/src/sql/plan-types.ts'
import { judge } from './judge.ts'
import { type Corpus, mutate } from './mutate.ts'
import { createRandom } from './random.ts'

/** How to fuzz a planner. */
export interface FuzzOptions {
  readonly seed: number
  readonly seconds: number
  /** Stops at this many dangerous texts. Default is 10. */
  readonly enough?: number
}

/** What came of it. */
export interface FuzzReport {
  readonly made: number
  /** How many texts the planner took for something. The others need no judge. */
  readonly planned: number
  /** How many of these PostgreSQL takes for SQL too. */
  readonly grammatical: number
  readonly dangerous: readonly { readonly sql: string; readonly why: string }[]
}

/** Plans mutated texts and lets the grammar of PostgreSQL judge the plans. */
export function fuzz(planner: (sql: string) => Plan, corpus: Corpus, options: FuzzOptions): FuzzReport {
  const { seed, seconds, enough = 10 } = options
  const random = createRandom(seed)
  const end = performance.now() + seconds * 1000
  const dangerous: { sql: string; why: string }[] = []
  let [made, planned, grammatical] = [0, 0, 0]
  while (performance.now() < end && dangerous.length < enough) {
    const sql = mutate(corpus, random)
    const plan = planner(sql)
    made++
    if (plan.kind === 'unprovable') continue
    planned++
    const verdict = judge(sql, plan)
    if (verdict.kind !== 'invalid') grammatical++
    if (verdict.kind === 'dangerous') dangerous.push({ sql, why: verdict.why })
  }
  return { made, planned, grammatical, dangerous }
}

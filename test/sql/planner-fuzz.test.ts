import { expect, test } from 'vitest'
import { planStatement } from '../../packages/core/src/sql/plan.ts'
import { fuzzCorpus } from './corpora/corpora.ts'
import { fuzz } from './fuzz.ts'

// The same seed each time; how many statements of it are made depends on the machine. PLANNER_FUZZ_SEED takes another one.
const seconds = Number(process.env['PLANNER_FUZZ_SECONDS'] ?? 6)
const seed = Number(process.env['PLANNER_FUZZ_SEED'] ?? 42)

test('no mutated statement gets a plan that the grammar of PostgreSQL contradicts', {
  timeout: (seconds + 60) * 1000,
}, () => {
  const { dangerous, ...counts } = fuzz(planStatement, fuzzCorpus, { seed, seconds })
  console.info(`PLANNER_FUZZ_SEED=${seed}`, counts)
  expect(dangerous).toEqual([])
  expect(counts.grammatical).toBeGreaterThan(0)
})

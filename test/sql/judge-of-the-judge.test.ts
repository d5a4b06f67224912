import { expect, test } from 'vitest'
import { brokenPlanners } from './broken-planners.ts'
import { fuzzCorpus } from './corpora/corpora.ts'
import { judge } from './judge.ts'

test.each(Object.entries(brokenPlanners))('a planner that %s is found out', (_, planner) => {
  expect(fuzzCorpus.some((sql) => judge(sql, planner(sql)).kind === 'dangerous')).toBe(true)
})

import { describe } from 'vitest'
import { describeCoverage } from './matrix/describe-coverage.ts'
import { describeForms } from './matrix/form-suite.ts'
import type { Outcome } from './matrix/outcome.ts'
import type { OrmHarness } from './orm-harness.ts'
import { describeAtomicity } from './suite/atomicity.ts'
import { describeBadInput } from './suite/bad-input.ts'
import { describeConcurrency } from './suite/concurrency.ts'
import { describeContexts } from './suite/contexts.ts'
import { describeKilledProcess } from './suite/killed-process.ts'
import { type OrmUnderTest, useOrm } from './suite/orm-under-test.ts'
import { describePolicies } from './suite/policies.ts'
import { describeReading } from './suite/reading.ts'
import { describeRefusedEntries } from './suite/refused-entries.ts'
import { describeScenarios } from './suite/scenarios.ts'

const promises: readonly [name: string, describePromises: (under: OrmUnderTest) => void][] = [
  ['atomicity', describeAtomicity],
  ['an entry that cannot be written', describeRefusedEntries],
  ['a process that is killed', describeKilledProcess],
  ['concurrency', describeConcurrency],
  ['context', describeContexts],
  ['policies', describePolicies],
  ['reading', describeReading],
  ['bad input', describeBadInput],
]

/** Holds the adapter of an ORM to every promise. A test file of the ORM calls it, with the ORM's harness. */
export function describeOrm<Native>(harness: OrmHarness<Native>): void {
  describe(harness.name, () => {
    const [scenarios, forms] = [new Map<string, Outcome>(), new Map<string, Outcome>()]
    describe('every way to write', () => describeScenarios(harness, scenarios))
    describe('every form of SQL', () => describeForms(harness, forms))
    describe('docs/coverage.md', () => describeCoverage(harness.name, { scenarios, forms }))
    for (const [name, describePromises] of promises) describe(name, () => describePromises(useOrm(harness)))
  })
}

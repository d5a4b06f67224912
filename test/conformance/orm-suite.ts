import { describe } from 'vitest'
import type { OrmHarness } from './orm-harness.ts'
import { describeScenarios } from './suite/scenarios.ts'

/** Holds the adapter of an ORM to every promise. A test file of the ORM calls it, with the ORM's harness. */
export function describeOrm<Native>(harness: OrmHarness<Native>): void {
  describe(harness.name, () => {
    describe('every way to write', () => describeScenarios(harness))
  })
}

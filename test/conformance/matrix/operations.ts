import { features, transactions } from './feature-operations.ts'
import { bulk, models } from './model-operations.ts'
import { relations, upserts } from './relation-operations.ts'

/** A line of docs/coverage.md that is measured by scenarios of the ORMs' own. */
export interface Operation {
  readonly operation: string
  /** Names of scenarios, by the name of the ORM. An ORM that has no such operation is left out. */
  readonly scenarios: Readonly<Record<string, readonly string[]>>
  /** That it leaves no change and no entry, and is to be measured as that. */
  readonly leavesNothing?: boolean
}

/** The operations of the ORMs' own APIs. */
export const operationSections: readonly {
  readonly title: string
  readonly operations: readonly Operation[]
}[] = [
  { title: 'Models, entities, repositories', operations: models },
  { title: 'Bulk', operations: bulk },
  { title: 'Upsert', operations: upserts },
  { title: 'Relations', operations: relations },
  { title: 'What an ORM adds', operations: features },
  { title: 'Transactions', operations: transactions },
]

/** Scenarios of an ORM's own that stand in for a form of SQL which it sends by another call. */
export const formsByScenarios: readonly Operation[] = [
  {
    operation: 'several statements in one text',
    scenarios: { Prisma: ['several statements in one text'] },
  },
]

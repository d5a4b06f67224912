import type { MikroORM } from '@mikro-orm/postgresql'
import type { Scenario } from '../../conformance/orm-harness.ts'
import { errorScenarios } from './scenarios/errors.ts'
import { flushScenarios } from './scenarios/flush.ts'
import { kindScenarios } from './scenarios/kinds.ts'
import { nativeScenarios } from './scenarios/native.ts'
import { queryBuilderScenarios } from './scenarios/query-builder.ts'
import { sqlScenarios } from './scenarios/sql.ts'
import { transactionScenarios } from './scenarios/transactions.ts'

/** Every way in which MikroORM writes. */
export const scenarios: readonly Scenario<MikroORM>[] = [
  ...flushScenarios,
  ...nativeScenarios,
  ...queryBuilderScenarios,
  ...sqlScenarios,
  ...transactionScenarios,
  ...kindScenarios,
  ...errorScenarios,
]

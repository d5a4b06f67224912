import { describe, inject } from 'vitest'
import type { OrmHarness, ShopSession } from '../orm-harness.ts'
import { describeScenarios } from '../suite/scenarios.ts'
import { asRole } from './as-role.ts'
import {
  announcedByDatabase,
  capturedByDatabase,
  databaseTables,
  foreignKeyActions,
  unseenByStatement,
} from './database-forms.ts'
import { describeRefusals } from './describe-refusals.ts'
import type { Form } from './forms.ts'
import type { Outcome } from './outcome.ts'
import { roleForms, roleTables } from './role-forms.ts'
import { announcedStatements, capturedStatements, statementTables } from './statement-forms.ts'
import { announcedTables, capturedTables, tableTables } from './table-forms.ts'

/** The forms that docs/coverage.md lists, in its order. */
export const formSections: readonly { readonly title: string; readonly forms: readonly Form[] }[] = [
  { title: 'SQL', forms: [...capturedStatements, ...announcedStatements] },
  { title: 'Tables and views', forms: [...capturedTables, ...announcedTables] },
  {
    title: 'What the database does itself',
    forms: [...capturedByDatabase, ...foreignKeyActions, ...announcedByDatabase, ...unseenByStatement],
  },
  { title: 'Roles and rights', forms: roleForms },
]

/**
 * Every ORM sends every form through its call for raw SQL, on an audited client and on one without Indelible; and again, on one that
 * refuses what it cannot capture.
 */
export function describeForms<Native>(harness: OrmHarness<Native>, measured: Map<string, Outcome>): void {
  const owner = sessionsOf(harness, { forms: ownerForms, tables: ownerTables })
  const role = asRole(sessionsOf(harness, { forms: roleForms, tables: roleTables }))
  describe('sent by the owner of the tables', () => describeScenarios(owner, measured))
  describe('sent by a role with few rights', () => describeScenarios(role, measured))
  describe('with onUncaptured: throw, refused where it would be recorded', () =>
    describeRefusals(owner, measured))
}

const ownerTables = statementTables + tableTables + databaseTables

/** Those that leave a connection uncertain come last. */
const ownerForms = formSections
  .flatMap((section) => section.forms)
  .filter((form) => !roleForms.includes(form))
  .sort((one, other) => Number(one.last ?? false) - Number(other.last ?? false))

interface Sent {
  readonly forms: readonly Form[]
  readonly tables: string
}

/** A harness whose scenarios are forms, and get a session in place of the ORM's own object. */
function sessionsOf<Native>(harness: OrmHarness<Native>, { forms, tables }: Sent): OrmHarness<ShopSession> {
  const major = inject('postgresMajor')
  const known = ({ since = 0, before = Infinity, notBy = [] }: Form) =>
    since <= major && major < before && !notBy.includes(harness.name)
  return {
    name: harness.name,
    module: harness.module,
    tables,
    open: async (url, options) => {
      const client = await harness.open(url, options)
      return { ...client, native: client satisfies ShopSession }
    },
    scenarios: forms.filter(known).map(({ scenario }) => scenario),
  }
}

import { afterAll, beforeAll } from 'vitest'
import type { OrmHarness } from '../orm-harness.ts'
import { createOrmDatabase, type OrmDatabase } from './twin-databases.ts'

/** What the promises need of a harness: not its scenarios. */
export type OpenableOrm = Pick<OrmHarness<unknown>, 'name' | 'module' | 'open' | 'tables'>

/** An ORM and a database for one group of promises. */
export interface OrmUnderTest {
  readonly orm: OpenableOrm
  /** Exists while tests and their hooks run. */
  readonly shop: OrmDatabase<unknown>
}

/** Gives the surrounding group of tests a database of its own. */
export function useOrm(orm: OpenableOrm): OrmUnderTest {
  let made: OrmDatabase<unknown> | undefined
  beforeAll(async () => {
    made = await createOrmDatabase(orm)
  })
  afterAll(() => made?.close())
  return {
    orm,
    get shop() {
      if (made === undefined) throw new Error('the database is made before the tests run')
      return made
    },
  }
}

/** What an observation holds when nothing was left behind. */
export const nothing = { entries: [], changes: [] }

/** Thrown by tests that undo their own work. */
export const failure: Error = new Error('the application changed its mind')

let count = 0

/** A sku that no other product of the test file has. */
export function skuOf(prefix: string): string {
  count += 1
  return `${prefix}-${count}`
}

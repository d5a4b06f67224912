import { expect } from 'vitest'
import type { TestDatabase } from './fresh-database.ts'

/** Waits until a session of the database waits for a lock. */
export async function untilOneWaits(database: Pick<TestDatabase, 'query'>): Promise<void> {
  const isThere = async () => (await database.query(waiters)).length > 0
  await expect
    .poll(isThere, { message: 'a session waits for a lock', timeout: 10_000, interval: 5 })
    .toBe(true)
}

const waiters = `select pid from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and wait_event_type = 'Lock'`

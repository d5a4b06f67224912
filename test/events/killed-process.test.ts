import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { fromPgPool, migrate } from '@indelible/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { eventOrms } from './support/event-orms.ts'

const script = path.join(import.meta.dirname, 'record-and-hang.ts')
const applicationName = 'record-and-hang'
let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await migrate(fromPgPool(database.pool))
})

afterAll(() => database?.drop())

test.each(eventOrms)(
  '$name: of a process that is killed, the event outside of its transaction is left, and the one inside is not',
  async ({ name }) => {
    const address = new URL(database.url)
    address.searchParams.set('application_name', applicationName)
    const program = ['--conditions=@indelible/source', script, name, address.href]
    const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [output] = await once(child.stdout, 'data')
    expect(String(output)).toContain('recorded, not committed')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const sessions =
      'select from pg_stat_activity where application_name = $1 and datname = current_database()'
    await expect.poll(() => database.query(sessions, [applicationName])).toHaveLength(0)
    const left =
      "select after ->> 'action' as action from indelible.entry where after #>> '{metadata,name}' = $1"
    expect(await database.query(left, [name])).toEqual([{ action: 'killed.outside' }])
    expect(await database.query(`select from "Product" where sku like 'doomed%'`)).toEqual([])
  },
)

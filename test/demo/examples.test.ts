import { fromPgPool, migrate } from '@indelible/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { runExample } from './run-example.ts'

let database: TestDatabase

beforeEach(async () => {
  database = await createDatabase()
  await migrate(fromPgPool(database.pool))
})

afterEach(() => database?.drop())

test.for([
  ['Prisma', 'prisma'],
  ['TypeORM', 'typeorm'],
  ['MikroORM', 'mikro-orm'],
])(
  'the example of %s prints who changed what, hides the secret and verifies',
  { timeout: 60_000 },
  async ([, folder = '']) => {
    const { exitCode, output } = await runExample(folder, [], { DATABASE_URL: database.url })
    expect(exitCode, output).toBe(0)
    expect(output).toMatch(/^insert u_42 null \{/m)
    expect(output).toContain("passwordHash: '[redacted]'")
    expect(output).toMatch(/^update u_42 \{ vip: false, .*\} \{ vip: true, .*\}$/ms)
    expect(output).toMatch(/^true 2 \[\]$/m)
    expect(output).not.toContain('scrypt')
  },
)

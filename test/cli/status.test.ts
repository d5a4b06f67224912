import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { latestSchemaVersion } from '../../packages/core/src/store/schema-version.ts'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createAuditedDatabase, log } from './audited-database.ts'
import { runIndelible } from './run-indelible.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createAuditedDatabase()
  await log(database, { key: '1' })
  await log(database, { key: '2' })
})

afterAll(() => database.drop())

const status = (...args: string[]) => runIndelible(['status', ...args], { url: database.url })

describe('indelible status', () => {
  test('tells schema, queue, chain and checkpoint', async () => {
    const { code, stdout } = await status()
    expect(code).toBe(0)
    expect(stdout).toMatch(/^server +PostgreSQL \d+/)
    expect(stdout).toMatch(new RegExp(`^schema +version ${latestSchemaVersion()}, intact$`, 'm'))
    expect(stdout).toMatch(/^entries +2$/m)
    expect(stdout).toMatch(/^waiting +2, the oldest for \d+ s$/m)
    expect(stdout).toMatch(/^checkpoint +none$/m)
  })

  test('as JSON tells the same as data', async () => {
    expect(JSON.parse((await status('--json')).stdout)).toMatchObject({
      schema: { version: latestSchemaVersion(), latest: latestSchemaVersion(), findings: [] },
      log: { entries: 2, sealed: 0, pending: { count: 2 }, checkpoint: null },
    })
  })

  test('an altered schema is shown whole, with exit code 1', async () => {
    await database.query('alter table indelible.entry disable trigger append_only')
    const { code, stdout } = await status()
    await database.query('alter table indelible.entry enable always trigger append_only')
    expect(code).toBe(1)
    expect(stdout).toContain(`version ${latestSchemaVersion()}, not as Indelible made it`)
    expect(stdout).toMatch(
      /altered trigger entry\.append_only\n {2}expected CREATE TRIGGER .* always\n {2}actual {3}CREATE .* disabled/,
    )
  })

  test('lists the variables that are set, without secrets', async () => {
    const { code, stdout } = await runIndelible(['status'], {
      url: database.url,
      env: {
        INDELIBLE_ON_MISSING_ACTOR: 'reject',
        INDELIBLE_REDACT_FINGERPRINT_KEY: 's3cr3t of sixteen bytes',
      },
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^environment\n {2}INDELIBLE_DATABASE_URL=\[set\]\n {2}INDELIBLE_ON_MISSING_ACTOR=reject\n {2}INDELIBLE_REDACT_FINGERPRINT_KEY=\[set\]$/m,
    )
    expect(stdout).not.toContain('s3cr3t')
  })

  test('names variables that are unknown or say what they cannot say, with exit code 1', async () => {
    const env = { INDELIBLE_ON_MISING_ACTOR: 's3cr3t', INDELIBLE_COMPLETENESS: 'full' }
    const { code, stdout } = await runIndelible(['status'], { url: database.url, env })
    expect(code).toBe(1)
    expect(stdout).toContain(
      'INDELIBLE_ON_MISING_ACTOR=[set]  is unknown; did you mean INDELIBLE_ON_MISSING_ACTOR?',
    )
    expect(stdout).toContain('INDELIBLE_COMPLETENESS=full  must be one of: off, record, throw')
    expect(stdout).not.toContain('s3cr3t')
    const json = await runIndelible(['status', '--json'], { url: database.url, env })
    expect(JSON.parse(json.stdout).environment).toContainEqual({
      name: 'INDELIBLE_COMPLETENESS',
      sets: 'completeness',
      shown: 'full',
      problem: 'must be one of: off, record, throw',
    })
  })
})

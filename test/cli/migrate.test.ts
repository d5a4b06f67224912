import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readMigrations } from '../../packages/core/src/store/migration-files.ts'
import { latestSchemaVersion } from '../../packages/core/src/store/schema-version.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { runIndelible } from './run-indelible.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase({ template: 'empty' })
})

afterAll(() => database.drop())

const applied = readMigrations()
  .map(({ name }) => `applied ${name}`)
  .join('\n')
const migrate = (...args: string[]) => runIndelible(['migrate', ...args], { url: database.url })

describe('indelible migrate', () => {
  test('started twice at once, one applies and the other finds nothing to do', async () => {
    const results = await Promise.all([migrate(), migrate()])
    expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ])
    expect(results.map(({ stdout }) => stdout).toSorted()).toEqual([
      `${applied}\nThe audit schema is at version ${latestSchemaVersion()}.\n`,
      `nothing to apply\nThe audit schema is at version ${latestSchemaVersion()}.\n`,
    ])
  })

  test('gives roles their rights and says so', async () => {
    const [writer, sealer, reader] = ['writer', 'sealer', 'rea"der'].map((role) => `${database.name}_${role}`)
    const roles = [writer, sealer, reader].map((role) => role ?? '')
    for (const role of roles) await database.query(`create role ${pg.escapeIdentifier(role)}`)
    const { code, stdout } = await migrate(
      '--writer',
      `${writer}`,
      '--sealer',
      `${sealer}`,
      '--reader',
      `${reader}`,
    )
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `nothing to apply\n${writer} may write\n${sealer} may seal\n${reader} may read\nThe audit schema is at version ${latestSchemaVersion()}.\n`,
    })
    const [rights] = await database.query(
      `select has_function_privilege($1, p.oid, 'execute') as write,
        has_table_privilege($2, 'indelible.link', 'insert') as seal, has_table_privilege($3, 'indelible.entry', 'select') as read
       from pg_proc p where proname = 'log' and pronamespace = 'indelible'::regnamespace`,
      roles,
    )
    expect(rights).toEqual({ write: true, seal: true, read: true })
    for (const role of roles) {
      await database.query(`drop owned by ${pg.escapeIdentifier(role)}`)
      await database.query(`drop role ${pg.escapeIdentifier(role)}`)
    }
  })

  test('tells that a role does not exist', async () => {
    const { code, stdout, stderr } = await migrate('--writer', 'store_no_such_role')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(
      'error: role "store_no_such_role" does not exist (42704)\nCreate the role first: `create role <name> login`.\n',
    )
  })

  test('refuses a schema that a later release has made', async () => {
    await database.query("insert into indelible.migration (version, name) values (9, '0009-later')")
    const { code, stderr } = await migrate()
    await database.query('delete from indelible.migration where version = 9')
    expect(code).toBe(2)
    expect(stderr).toContain('(AUDIT_SCHEMA_NEWER)')
  })
})

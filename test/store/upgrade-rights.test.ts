import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromPgPool } from '../../packages/core/src/pg/pg-database.ts'
import { migrate } from '../../packages/core/src/store/migrate.ts'
import { readMigrations } from '../../packages/core/src/store/migration-files.ts'
import { migrationBlock, migrationSql } from '../../packages/core/src/store/migration-sql.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'

const olderRights = (writer: string, reader: string, other: string) => `
  grant usage on schema indelible to "${writer}", "${reader}", "${other}";
  grant execute on function indelible.log, indelible.log_rows to "${writer}";
  grant select on all tables in schema indelible to "${reader}"`

/** Brings the schema up to date. */
const upgrades = [
  { name: 'migrate', upgrade: ({ pool }: TestDatabase) => migrate(fromPgPool(pool)) },
  { name: 'the schema as SQL text', upgrade: ({ pool }: TestDatabase) => pool.query(migrationSql()) },
]

describe.each(upgrades)('an upgrade by $name', ({ upgrade }) => {
  let database: TestDatabase
  let roles: readonly [writer: string, reader: string, other: string]

  beforeAll(async () => {
    database = await createDatabase({ template: 'empty' })
    roles = [`${database.name} 'writer' %`, `${database.name} Reader`, `${database.name} other`]
    for (const role of roles) await database.query(`create role "${role}"`)
    const [first] = readMigrations()
    if (first !== undefined) await database.pool.query(migrationBlock(first))
    await database.pool.query(olderRights(...roles))
    await upgrade(database)
  })

  afterAll(async () => {
    for (const role of roles ?? []) {
      await database.query(`drop owned by "${role}"`)
      await database.query(`drop role "${role}"`)
    }
    await database?.drop()
  })

  async function mayExecute(role: string, functions: readonly string[]): Promise<readonly boolean[]> {
    const rows = await database.query<{ may: boolean }>(
      `select bool_and(has_function_privilege($1, p.oid, 'execute')) as may
      from unnest($2::text[]) with ordinality f (name, position)
      join pg_proc p on p.proname = f.name and p.pronamespace = 'indelible'::regnamespace
      group by f.position order by f.position`,
      [role, functions],
    )
    return rows.map(({ may }) => may)
  }

  const added = ['mark_changes', 'carried', 'log_event', 'exact_json', 'exact_text']

  test('gives writers what writers call from now on, and nothing that they were not given before', async () => {
    const [writer] = roles
    expect(await mayExecute(writer, added)).toEqual(added.map(() => true))
    expect(await mayExecute(writer, ['log_statement', 'context_of_writer'])).toEqual([false, false])
  })

  test('gives readers the new tables', async () => {
    const [, reader] = roles
    const [row] = await database.query(
      `select has_table_privilege($1, 'indelible.capture_trigger', 'select') as may,
        has_table_privilege($1, 'indelible.capture_trigger', 'insert') as more`,
      [reader],
    )
    expect(row).toEqual({ may: true, more: false })
    expect(await mayExecute(reader, added)).toEqual(added.map(() => false))
  })

  test('gives other roles nothing', async () => {
    const [, , other] = roles
    expect(await mayExecute(other, added)).toEqual(added.map(() => false))
  })

  test('leaves a right alone that was taken away since', async () => {
    const [writer] = roles
    await database.query(`revoke execute on function indelible.log_event from "${writer}"`)
    await upgrade(database)
    expect(await mayExecute(writer, ['log_event', 'exact_json'])).toEqual([false, true])
  })
})

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromPgPool } from '../../packages/core/src/pg/pg-database.ts'
import { migrate } from '../../packages/core/src/store/migrate.ts'
import { requireSchema } from '../../packages/core/src/store/schema-check.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'

const LOG = `select indelible.log('insert', 'public', 'user', '1', null, '{"id":1}',
  row('u_1', 'user', null, null, null, null, null, null, null)::indelible.context)`
const LOG_STATEMENT = `select indelible.log_statement('truncate', 'public', 'user', '{}',
  row('u_1', 'user', null, null, null, null, null, null, null)::indelible.context)`
const LINK = `insert into indelible.link
  select 1, 1, h, h, h, h from (values (sha256('x'))) as v (h)`
const CHECKPOINT = "insert into indelible.checkpoint values (1, sha256('x'), sha256('x'), '', 'note')"
const TABLES = ['migration', 'origin', 'entry', 'pending', 'link', 'checkpoint']
const DENIED = { code: '42501' }

let database: TestDatabase
let writer: pg.Pool
let sealer: pg.Pool
let reader: pg.Pool
let roles: string[] = []

beforeAll(async () => {
  database = await createDatabase({ template: 'empty' })
  // Hostile names: they must stay names.
  roles = ['writer" ; drop schema indelible --', "sealer's", 'Reader ünï'].map(
    (role) => `${database.name} ${role}`,
  )
  for (const role of roles)
    await database.query(`create role ${pg.escapeIdentifier(role)} login password 'secret'`)
  const [writers = [], sealers = [], readers = []] = roles.map((role) => [role])
  await migrate(fromPgPool(database.pool), { grants: { writers, sealers, readers } })
  ;[writer, sealer, reader] = roles.map((user) => poolOf(user)) as [pg.Pool, pg.Pool, pg.Pool]
  await writer.query(LOG)
})

afterAll(async () => {
  await Promise.all([writer, sealer, reader].map((pool) => pool.end()))
  for (const role of roles) {
    await database.query(`drop owned by ${pg.escapeIdentifier(role)}`)
    await database.query(`drop role ${pg.escapeIdentifier(role)}`)
  }
  await database.drop()
})

function poolOf(user: string): pg.Pool {
  const url = new URL(database.url)
  url.username = encodeURIComponent(user)
  url.password = 'secret'
  return new pg.Pool({ connectionString: url.href, max: 1 })
}

describe('a writer', () => {
  test('writes entries through the functions', async () => {
    await writer.query('begin')
    await writer.query(LOG)
    await writer.query(LOG_STATEMENT)
    await writer.query("select indelible.keep('1', '{}')")
    await writer.query('rollback')
  })

  test('has its secrets redacted and its effects logged without further rights', async () => {
    await writer.query(`select indelible.log('delete', 'public', 'user', '1', '{"pin":1}', null,
      row('u_1', null, null, null, null, null, null, null, null)::indelible.context, '{"pin":"mask"}', '[]')`)
    const rows = await database.query('select op, before from indelible.entry order by id desc limit 2')
    expect(rows).toMatchObject([{ op: 'statement' }, { op: 'delete', before: { pin: '[redacted]' } }])
  })

  test.each(TABLES)('can neither read nor change %s', async (table) => {
    await expect(writer.query(`select from indelible.${table}`)).rejects.toMatchObject(DENIED)
    await expect(writer.query(`insert into indelible.${table} default values`)).rejects.toMatchObject(DENIED)
    await expect(
      writer.query(`update indelible.${table} set ${await column(table)} = null`),
    ).rejects.toMatchObject(DENIED)
    await expect(writer.query(`delete from indelible.${table}`)).rejects.toMatchObject(DENIED)
    await expect(writer.query(`truncate indelible.${table}`)).rejects.toMatchObject(DENIED)
  })

  test.each(['trail'])('cannot read the view %s', async (view) => {
    await expect(writer.query(`select from indelible.${view}`)).rejects.toMatchObject(DENIED)
  })

  test('cannot call the functions behind the ones it was granted', async () => {
    const call = `select indelible.log_effects('delete', 's', 't', '[]', 1, null)`
    await expect(writer.query(call)).rejects.toMatchObject(DENIED)
    await expect(writer.query("select indelible.redact('{}', '{}', null)")).rejects.toMatchObject(DENIED)
  })

  test('can still check the schema', async () => {
    await expect(requireSchema(fromPgPool(writer))).resolves.toBeUndefined()
  })
})

describe('a sealer', () => {
  test('reads the queue, appends links and checkpoints and empties the queue', async () => {
    await sealer.query('begin')
    await sealer.query(
      'select * from indelible.pending p join indelible.entry e using (id), indelible.origin',
    )
    await sealer.query(LINK)
    await sealer.query(CHECKPOINT)
    await sealer.query('delete from indelible.pending where id = any (array[1::bigint])')
    await sealer.query('rollback')
  })

  test.each([
    'insert into indelible.entry (op) values (null)',
    'insert into indelible.pending values (1)',
    'update indelible.pending set id = 2',
    'truncate indelible.pending',
    "update indelible.entry set op = 'delete'",
    'delete from indelible.entry',
    'update indelible.link set seq = 2',
    'delete from indelible.link',
    'truncate indelible.checkpoint',
    'update indelible.origin set log_id = gen_random_uuid()',
    'insert into indelible.migration values (9)',
    LOG,
    'alter table indelible.entry disable trigger append_only',
  ])('is refused: %s', async (sql) => {
    await expect(sealer.query(sql)).rejects.toMatchObject(DENIED)
  })
})

describe('a reader', () => {
  test('reads every table and the view', async () => {
    for (const table of [...TABLES, 'trail']) await reader.query(`select * from indelible.${table}`)
  })

  test.each(TABLES)('cannot change %s', async (table) => {
    await expect(reader.query(`insert into indelible.${table} default values`)).rejects.toMatchObject(DENIED)
    await expect(
      reader.query(`update indelible.${table} set ${await column(table)} = null`),
    ).rejects.toMatchObject(DENIED)
    await expect(reader.query(`delete from indelible.${table}`)).rejects.toMatchObject(DENIED)
  })
})

describe('even the owner', () => {
  test.each(['origin', 'entry', 'link', 'checkpoint'])(
    'cannot update, delete or truncate %s',
    async (table) => {
      const name = await column(table)
      for (const sql of [
        `update indelible.${table} set ${name} = ${name}`,
        `delete from indelible.${table}`,
        `truncate indelible.${table}`,
      ]) {
        await expect(database.query(sql)).rejects.toMatchObject(DENIED)
        await expect(database.query(`set session_replication_role = replica; ${sql}`)).rejects.toMatchObject(
          DENIED,
        )
      }
    },
  )
})

test('rights may be given again', async () => {
  const [writers = [], sealers = [], readers = []] = roles.map((role) => [role])
  await migrate(fromPgPool(database.pool), { grants: { writers, sealers, readers } })
})

test.each(['', 'a\0b'])('%j is refused as the name of a role', async (role) => {
  await expect(migrate(fromPgPool(database.pool), { grants: { writers: [role] } })).rejects.toThrow(TypeError)
})

async function column(table: string): Promise<string> {
  const [row] = await database.query<{ name: string }>(
    'select attname as name from pg_attribute where attrelid = $1::regclass order by attnum desc limit 1',
    [`indelible.${table}`],
  )
  return row?.name ?? ''
}

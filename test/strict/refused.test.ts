import type pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { createStrictDatabase, type StrictDatabase } from './strict-database.ts'

let at: StrictDatabase
let client: pg.PoolClient
beforeAll(async () => {
  at = await createStrictDatabase()
  client = await at.client('throw')
  return at.close
})

async function countLog(): Promise<number> {
  const [row] = await at.database.query<{ count: string }>('select count(*) from log')
  return Number(row?.count)
}

describe("completeness: 'throw'", () => {
  test('refuses the commit of a transaction in which a function wrote, and rolls it back', async () => {
    await client.query('begin')
    await client.query("insert into item (name) values ('refused')")
    await client.query("select write_log('x')")
    await expect(client.query('commit')).rejects.toMatchObject({
      code: 'AUDIT_UNCAPTURED',
      message: expect.stringContaining('public.log'),
      facts: { verb: 'COMPLETENESS', tables: [{ schema: 'public', name: 'log', changed: { insert: 1 } }] },
    })
    expect(client.getTransactionStatus()).toBe('I')
    expect(await at.database.query("select from item where name = 'refused'")).toEqual([])
    expect(await countLog()).toBe(0)
  })

  test('refuses a statement outside a transaction whose trigger writes', async () => {
    await expect(client.query('update watched set n = n + 1')).rejects.toMatchObject({
      code: 'AUDIT_UNCAPTURED',
    })
    await expect(client.query("select write_log('x')")).rejects.toMatchObject({ code: 'AUDIT_UNCAPTURED' })
    expect(await countLog()).toBe(0)
    expect(client.getTransactionStatus()).toBe('I')
  })

  test('refuses COMMIT AND CHAIN without beginning another transaction', async () => {
    await client.query('begin')
    await client.query("select write_log('x')")
    await expect(client.query('commit and chain')).rejects.toMatchObject({ code: 'AUDIT_UNCAPTURED' })
    expect(client.getTransactionStatus()).toBe('I')
  })

  test('lets pass what was rolled back to a savepoint', async () => {
    await client.query('begin')
    await client.query("insert into log (what) values ('mine')")
    await client.query('savepoint a')
    await client.query("select write_log('x')")
    await client.query('rollback to a')
    await client.query('commit')
    expect(await countLog()).toBe(1)
  })

  test('lets the next transaction of the client pass', async () => {
    await client.query('begin')
    await client.query("select write_log('x')")
    await expect(client.query('commit')).rejects.toMatchObject({ code: 'AUDIT_UNCAPTURED' })
    await client.query('begin')
    await client.query("insert into item (name) values ('next')")
    await expect(client.query('commit')).resolves.toMatchObject({
      command: 'COMMIT',
      rowCount: null,
      rows: [],
    })
    expect(await at.database.query("select from item where name = 'next'")).toHaveLength(1)
  })
})

describe('errors of the application are its own', () => {
  test('a deferred constraint fails the commit with its own error, and the transaction is over', async () => {
    await at.database.query(
      `create table promised (id int primary key, item int references item deferrable initially deferred)`,
    )
    const plain = await at.database.pool.connect()
    const errors: unknown[] = []
    for (const session of [plain, client]) {
      await session.query('begin')
      await session.query('insert into promised values (1, -1)')
      const error = await session.query('commit').catch((caught: pg.DatabaseError) => caught)
      const { code, message, constraint, detail } = error as pg.DatabaseError
      await session.query('')
      errors.push({ code, message, constraint, detail, status: session.getTransactionStatus() })
    }
    plain.release()
    expect(errors[1]).toEqual(errors[0])
    expect(errors[0]).toMatchObject({ code: '23503', status: 'I' })
  })

  test('statements about transactions answer as they would without the check', async () => {
    const plain = await at.database.pool.connect()
    const answers: unknown[] = []
    for (const session of [plain, client]) {
      const heard: unknown[] = []
      for (const sql of [
        'begin',
        'set transaction isolation level serializable',
        'update item set stock = 1 where id = 1',
        'savepoint a',
        'rollback to b',
        'select 1',
        'rollback to a',
        'release a -- with a comment',
        'end;',
        'commit',
        'savepoint x',
        'begin',
        'delete from log where false',
        'nonsense',
        'delete from log where false',
        'commit',
        'begin',
        'rollback and chain',
        'rollback',
      ]) {
        heard.push(
          await session.query(sql).then(
            ({ command, rowCount, rows, fields }) => ({ command, rowCount, rows, fields: fields.length }),
            ({ code, message, position }: pg.DatabaseError) => ({ code, message, position }),
          ),
          // An error is told before the state behind it: the next answer tells that.
          await session.query('').then(() => session.getTransactionStatus()),
        )
      }
      answers.push(heard)
    }
    plain.release()
    expect(answers[1]).toEqual(answers[0])
  })

  test('deferred triggers run with the rights of the application', async () => {
    const role = `${at.database.name}_small`
    await at.database.query(`
      create role ${role};
      create table who (name text);
      create function note_who() returns trigger language plpgsql as $$ begin insert into who values (current_user); return null; end $$;
      create table deferring (id int primary key);
      create constraint trigger note after insert on deferring deferrable initially deferred for each row execute function note_who();
      grant insert, select on who, deferring, item to ${role}`)
    const { migrate, fromPgPool } = await import('@indelible/core')
    await migrate(fromPgPool(at.database.pool), { grants: { writers: [role] } })
    const small = await at.client('record')
    await small.query(`set session authorization ${role}`)
    const differences = await at.differences(async () => {
      await small.query('begin')
      await small.query('insert into deferring values (1)')
      await small.query('commit')
    })
    await small.query('reset session authorization')
    expect(await at.database.query('select name from who')).toEqual([{ name: role }])
    expect(differences).toEqual(['who 1/0/0 of 0/0/0'])
    await at.database.query(`drop owned by ${role}; drop role ${role}`)
  })
})

describe('what makes the check impossible is said', () => {
  test('track_counts = off', async () => {
    const recording = await at.client('record')
    await recording.query('set track_counts = off')
    const differences = await at.differences(() =>
      recording.query('begin; select 1').then(async () => {
        await recording.query("select write_log('unseen')")
        await recording.query('commit')
      }),
    )
    expect(differences).toEqual(['? the completeness check is impossible: track_counts is off of ?'])
  })

  test('RESET ALL inside the transaction', async () => {
    const recording = await at.client('record')
    const differences = await at.differences(async () => {
      await recording.query('begin')
      await recording.query("insert into log (what) values ('x')")
      await recording.query('reset all')
      await recording.query('commit')
    })
    expect(differences).toEqual(['? the completeness check is impossible: its settings were reset of ?'])
  })

  test('stats_fetch_consistency changes nothing', async () => {
    const recording = await at.client('record')
    for (const consistency of ['none', 'cache', 'snapshot']) {
      const differences = await at.differences(async () => {
        await recording.query(`set stats_fetch_consistency = ${consistency}`)
        await recording.query('begin')
        await recording.query('select count(*) from pg_stat_user_tables')
        await recording.query("insert into log (what) values ('mine')")
        await recording.query("select write_log('x')")
        await recording.query('commit')
      })
      expect(differences).toEqual(['log 2/0/0 of 1/0/0'])
    }
  })
})

test('the option is checked at start-up', () => {
  expect(() => at.pool('always' as never)).toThrow(expect.objectContaining({ code: 'AUDIT_OPTION_INVALID' }))
})

test('without the option nothing is compared', async () => {
  const off = await at.client('off')
  const differences = await at.differences(() => off.query("select write_log('x')"))
  expect(differences).toEqual([])
})

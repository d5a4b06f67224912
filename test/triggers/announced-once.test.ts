import { addCaptureTriggers, fromPgPool } from '@indelible/core'
import { beforeAll, expect, test } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from '../pg/audited-pool.ts'

let at: PoolDatabase
beforeAll(async () => {
  // The context of a statement on a table with a BEFORE trigger goes ahead, in a statement of its own.
  at = await createPoolDatabase(`
    create table parent (id int primary key, n int);
    create table child (id int primary key, of int references parent on delete set null);
    create function raise() returns trigger language plpgsql as $$ begin new.n := new.n + 1; return new; end $$;
    create trigger raise before update on parent for each row execute function raise();
    insert into parent select i, i from generate_series(1, 4) i;
    insert into child select i, i from generate_series(1, 4) i`)
  // Its trigger would be what the completeness check finds.
  await at.oracle.ignore('parent', 'child')
  await addCaptureTriggers(fromPgPool(at.database.pool), ['parent'], { redact: { defaults: false } })
  return at.close
})

test('what foreign keys of a table with capture triggers and a BEFORE trigger do is told once, under the completeness check too', async () => {
  const client = await at.audited({}, { completeness: 'record' }).connect()
  const { entries } = await at.oracle.observe(async () => {
    await client.query('delete from parent where id = 1')
    await client.query('begin')
    await client.query('delete from parent where id = $1', [2])
    await client.query('commit')
  })
  client.release()
  expect(await at.database.query('select of from child order by id')).toEqual([
    { of: null },
    { of: null },
    { of: 3 },
    { of: 4 },
  ])
  const announced = { op: 'statement', after: expect.stringContaining('"name":"child","action":"set null"') }
  expect(entries).toMatchObject([announced, { op: 'delete' }, announced, { op: 'delete' }])
})

import { fromPgPool, migrate } from '@indelible/core'
import type pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from './audited-pool.ts'

const tables = `
  create table item (id int primary key, n int);
  insert into item values (1, 1);
  create schema tenant_x;
  create table tenant_x.item (id int primary key, n int);
  insert into tenant_x.item values (1, 100);
  create table other (id int primary key, n int);
  insert into other values (1, 1);

  create function set_tenant(tenant text) returns text language plpgsql as
    $$ begin return set_config('search_path', tenant || ', public', false); end $$;
  create function enter_tenant(tenant text) returns text language sql as $$ select set_tenant(tenant) $$;
  create procedure use_tenant(tenant text) language plpgsql as
    $$ begin perform set_config('search_path', tenant || ', public', false); end $$;
  create view entered as select set_tenant('tenant_x');
  create function set_by_trigger() returns trigger language plpgsql as
    $$ begin perform set_tenant('tenant_x'); return null; end $$;
  create table gate (id int primary key);
  create trigger set_tenant after insert on gate for each row execute function set_by_trigger();
  create function hide_item() returns void language plpgsql as
    $$ begin create temp table item (id int primary key, n int); insert into item values (1, 555); end $$;
  create function collect_in(name text) returns void language plpgsql as
    $$ begin execute format('create temporary table %I as select 1 as id, 1 as n', name); end $$;
  create function collect() returns void language plpgsql as
    $$ begin create temporary table if not exists collected as select * from item; end $$;
  create function set_user(name text) returns void language plpgsql as
    $$ begin perform set_config('app.user', name, false); end $$;
  create function promote(person int) returns void language plpgsql as
    $$ begin update other set n = person where false; end $$;

  create table tenant_row (id int primary key, tenant text not null, n int);
  alter table tenant_row enable row level security;
  create policy see on tenant_row for select using (tenant = 'a');
  create policy change on tenant_row for update using (true) with check (true);
  insert into tenant_row select i, case when i % 2 = 0 then 'b' else 'a' end, i from generate_series(1, 8) i;
  create function become(name text) returns void language plpgsql as
    $$ begin perform set_config('role', name, true); end $$;
`

let at: PoolDatabase
beforeAll(async () => {
  at = await createPoolDatabase(tables)
  return at.close
})

const write = 'update item set n = n + 1 where id = 1'

async function entriesAfter(client: pg.Pool | pg.PoolClient, sql = write) {
  const { entries } = await at.oracle.check(() => client.query(sql))
  return entries.map(({ op, table }) => `${op} ${table}`)
}

describe('a connection is captured as before', () => {
  test.each<[string, ...(string | [string, unknown[]])[]]>([
    [
      'settings of the application’s own',
      "select set_config('app.tenant', '7', false), set_config('app.user', 'x', false)",
    ],
    [
      'such settings by parameters',
      ['select set_config($1, $2, false), set_config($3, $4, false)', ['app.tenant', '7', 'app.user', 'x']],
    ],
    ['SET and RESET of the role', 'set role none', 'reset role'],
    ['SET TO DEFAULT', 'set search_path to tenant_x', 'set search_path to default'],
    ['RESET ALL', 'set search_path to tenant_x', 'set row_security to off', 'reset all'],
    [
      'DISCARD ALL',
      'set role none',
      "select set_config('search_' || 'path', 'tenant_x', false)",
      'create temp table item (id int)',
      'discard all',
    ],
    ['DISCARD TEMP', 'create temp table item (id int)', 'discard temp'],
    [
      'RESET SESSION AUTHORIZATION',
      "select set_config('session_authorization', current_user, false)",
      'reset session authorization',
    ],
    [
      'foreign keys turned off and on',
      "set session_replication_role = 'replica'",
      "set session_replication_role = 'origin'",
    ],
    ['SET LOCAL outside of a transaction', "select set_config('search_path', 'tenant_x', true)"],
    [
      'a transaction with SET LOCAL',
      'begin',
      "select set_config('role', 'none', true)",
      'set local search_path to tenant_x',
      'commit',
    ],
    ['a function that sets a setting of the application’s own', "select set_user('x')"],
    ['a function that makes a temporary table of another name', 'select collect()'],
    ['a function that writes', 'select promote(1)'],
    [
      'the making of a function that sets',
      'create or replace function set_other() returns void language sql set search_path = tenant_x as $$ select $$',
    ],
  ])('after %s', async (_what, ...statements) => {
    const pool = at.audited({ max: 1 })
    for (const statement of statements) await pool.query(...([statement].flat() as [string, unknown[]]))
    expect(await entriesAfter(pool)).toEqual(['update public.item'])
  })
})

describe('what a connection may have changed is not guessed', () => {
  test.each<[string, ...(string | [string, unknown[]])[]]>([
    ['set_config by a parameter', ["select set_config($1, 'tenant_x, public', false)", ['search_path']]],
    ['a function', "select set_tenant('tenant_x')"],
    ['a function that calls it', "select enter_tenant('tenant_x')"],
    ['a function that hides a table', 'select hide_item()'],
    ['a function that may hide one', "select collect_in('item')"],
    ['a procedure', "call use_tenant('tenant_x')"],
    ['a view', 'select * from entered'],
    ['a trigger', 'insert into gate values (1)', 'delete from gate'],
    ['DO', "do $$ begin perform set_tenant('tenant_x'); end $$"],
    ['a write to pg_settings', "update pg_settings set setting = 'tenant_x' where name = 'search_path'"],
    [
      'RESET that its transaction undoes',
      'set search_path to tenant_x',
      'begin',
      'reset search_path',
      'rollback',
    ],
    ['RESET of another setting', "select set_tenant('tenant_x')", 'reset role'],
  ])('after %s', async (_what, ...statements) => {
    const pool = at.audited({ max: 1 })
    for (const statement of statements) await pool.query(...([statement].flat() as [string, unknown[]]))
    const before = await at.database.query('select n from item')
    const { entries } = await at.oracle.observe(() => pool.query(write))
    expect(entries.map(({ op }) => op)).toEqual(['statement'])
    expect(await at.database.query('select n from item')).toEqual(before)
  })

  test('and names with their schema mean what they meant', async () => {
    const pool = at.audited({ max: 1 })
    await pool.query("select set_tenant('tenant_x')")
    expect(await entriesAfter(pool, 'update public.item set n = n + 1')).toEqual(['update public.item'])
  })
})

test('reads go unrecorded whatever was set, unless a string of theirs may end elsewhere', async () => {
  const pool = at.audited({ max: 1 })
  await pool.query("select set_config('standard_conforming_strings', 'off', false)")
  const { entries } = await at.oracle.observe(async () => {
    await pool.query("select n from item where 'a' = 'a'")
    await pool.query('select n from item where id = $1', [1])
  })
  expect(entries).toEqual([])
  const hidden = String.raw`select '\', $$'; delete from other; --$$`
  const after = await at.oracle.observe(() => pool.query(hidden))
  expect(after.entries.map(({ op }) => op)).toEqual(['statement'])
  await at.database.query('insert into other values (1, 1)')
})

test('a function that sets the role does not narrow what a write reaches', async () => {
  const role = `${at.database.name}_r`
  await at.database.query(`create role ${role}; grant select, update on tenant_row to ${role}`)
  await migrate(fromPgPool(at.database.pool), { grants: { writers: [role] } })
  const reached = async (pool: pg.Pool) => {
    const client = await pool.connect()
    await client.query('begin')
    await client.query('select become($1)', [role])
    const { rowCount } = await client.query('update tenant_row set n = 7')
    await client.query('rollback')
    client.release()
    return rowCount
  }
  expect(await reached(at.audited())).toBe(await reached(at.plain()))
  await at.database.query(`drop owned by ${role}; drop role ${role}`)
})

test('the catalog that connections share is that of what they began with', async () => {
  const pool = at.audited({ max: 2 })
  const strange = await pool.connect()
  await strange.query('set search_path to tenant_x')
  await strange.query('create table public.made_by_a_stranger (id int)')
  const other = await pool.connect()
  const entries = entriesAfter(other).finally(() => {
    strange.release()
    other.release()
  })
  expect(await entries).toEqual(['update public.item'])
})

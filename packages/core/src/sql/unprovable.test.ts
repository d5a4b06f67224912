import { expect, test } from 'vitest'
import { planStatement } from './plan.ts'
import type { UnprovablePlan } from './plan-types.ts'

function refuse(sql: string): UnprovablePlan {
  const plan = planStatement(sql)
  if (plan.kind !== 'unprovable') throw new TypeError(`${plan.kind}: ${sql}`)
  return plan
}

test.each<[string, string, ...string[]]>([
  ['truncate table only a, s.b restart identity', 'truncate', 'a', 's.b'],
  ['copy t (a) from stdin', 'statement', 't'],
  ['copy t to stdout', 'statement'],
  ['merge into only t using u on true when matched then delete', 'statement', 't'],
  ['create table if not exists s.t (a int)', 'ddl', 's.t'],
  ['create unlogged table t as select 1', 'ddl', 't'],
  ['alter table if exists only t add b int', 'ddl', 't'],
  ['drop table if exists t, "U"', 'ddl', 't', 'U'],
  ['with x as (delete from t returning *) insert into u select * from x', 'statement', 't', 'u'],
  ['explain analyze update t set a = 1', 'statement', 't'],
  ['prepare p as delete from t', 'statement', 't'],
  ['insert into t values (1); update u set a = 1', 'statement', 't', 'u'],
  ['delete from t; create table u (a int)', 'ddl', 't', 'u'],
  ['create trigger g before update on t execute function f()', 'ddl'],
])('%s is a %s', (sql, kind, ...tables) => {
  const plan = refuse(sql)
  expect(plan.class).toBe(kind)
  expect(plan.tables.map(({ schema, name }) => (schema ? `${schema}.${name}` : name))).toEqual(tables)
})

test.each([
  ['call f()', 'CALL', 'one'],
  ['/* x */ Do $$ $$', 'DO', 'one'],
  ['select 1; select 2', 'SELECT', 'several'],
  ["delete from t where a = 'x", 'DELETE', 'unknown'],
  ['create function f() returns int begin atomic; select 1; end', 'CREATE', 'unknown'],
])('%s begins with %s', (sql, verb, statements) => {
  expect(refuse(sql)).toMatchObject({ verb, statements })
})

test('a text without a word has no verb', () => {
  expect(refuse('1 + 1')).not.toHaveProperty('verb')
})

test.each([
  'vacuum t',
  'create database d',
  'drop index concurrently i',
  'alter system set a = 1',
  'call f()',
  'do $$ $$',
  'begin; delete from t; commit',
])('%s is not put into a transaction', (sql) => {
  expect(refuse(sql).transactional).toBe(false)
})

test.each(['create table t (a int)', 'truncate t', 'delete from t; delete from u'])(
  '%s may be put into a transaction',
  (sql) => {
    expect(refuse(sql).transactional).toBe(true)
  },
)

test.each([
  ['create temp table t (a int)', true],
  ['create local temporary view v as select 1', true],
  ['create table "pg_temp".t (a int)', true],
  ['select 1 into temp t', true],
  ['create table t (a int)', false],
])('%s makes something temporary: %s', (sql, temporary) => {
  expect(refuse(sql).temporary).toBe(temporary)
})

test.each([
  ['select 1; /* c */ set local search_path to x', ['search_path']],
  ["set schema 'x'; select 1", ['search_path']],
  ['select 1; set role x', ['role']],
  ['do $$ begin set local role = x; end $$', ['role']],
  ["do $$ begin perform set_config('role', 'x', true); end $$", ['role']],
  ['select 1; set session authorization x', ['session_authorization']],
  ["select 1; select set_config('app.tenant', 'x', true)", []],
  ["select 1; select set_config('ro' || 'le', 'x', true)", ['unknown']],
  ["select 1; update pg_catalog.pg_settings set setting = 'x'", ['unknown']],
  ["select 1; update person set role = 'admin', title = 'x'", []],
  ["do $$ begin update person set role = 'admin'; end $$", []],
  ['select 1; reset role', []],
])('%s names the settings %j', (sql, names) => {
  expect(refuse(sql).setsConfiguration).toEqual(names.map((setting) => ({ setting, local: false })))
})

test.each([
  ['create or replace function f() returns void set search_path = x as $$ $$ language sql', true],
  ['alter role x set search_path = y', true],
  ['create table t as select f()', false],
  ['create function f() returns void as $$ $$ language sql; set role x', false],
])('%s stores code or settings for later: %s', (sql, stores) => {
  expect(refuse(sql).stores).toBe(stores)
})

test('words of settings are found in a time that grows with the length of the text', () => {
  for (const part of ['set ', 'set/*', 'set--', "set_config('", 'update ', "'", 'set role ']) {
    expect(refuse(`select 1; ${part.repeat(20_000)}`).kind).toBe('unprovable')
  }
})

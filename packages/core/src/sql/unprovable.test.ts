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

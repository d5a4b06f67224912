import { expect, test } from 'vitest'
import { planStatement } from './plan.ts'

test.each([
  ['set search_path to x', 'search_path', false],
  ['SET LOCAL "Search_Path" = x', 'search_path', true],
  ["set schema 'x'", 'search_path', false],
  ['set session role none', 'role', false],
  ['set local role x', 'role', true],
  ['set session authorization x', 'session_authorization', false],
  ['set session session authorization x', 'session_authorization', false],
  ['set time zone utc', 'timezone', false],
  ['set transaction read only', 'transaction', false],
  ['set constraints all deferred', 'constraints', false],
  ['set a.b = 1', 'a.b', false],
])('%s sets %s', (sql, setting, local) => {
  expect(planStatement(sql)).toMatchObject({ kind: 'session', verb: 'set', setting, local })
})

test.each([
  ['set role to default', 'default'],
  ['set session authorization DEFAULT', 'default'],
  ["set session_replication_role = 'origin';", "'origin'"],
  ['set search_path = "default"', '"default"'],
  ['set time zone utc', 'utc'],
  ['set search_path to a, default', undefined],
  ['set transaction read only', undefined],
])('%s sets it to %s', (sql, value) => {
  const plan = planStatement(sql)
  expect('value' in plan ? plan.value : undefined).toBe(value)
})

test.each([
  ['reset all', 'all'],
  ['reset role', 'role'],
  ['reset session authorization', 'session_authorization'],
  ['reset time zone', 'timezone'],
])('%s resets %s', (sql, setting) => {
  expect(planStatement(sql)).toEqual({ kind: 'session', verb: 'reset', setting, local: false })
})

test.each(['all', 'plans', 'sequences', 'temp'])('discard %s drops what it says', (setting) => {
  expect(planStatement(`discard ${setting}`)).toEqual({ kind: 'session', verb: 'discard', setting })
})

test.each([
  'deallocate p',
  'listen x',
  'unlisten *',
  'notify x',
  'lock t',
  'close c',
  'analyze t',
  'show all',
])('%s changes no row', (sql) => {
  expect(planStatement(sql)).toEqual({ kind: 'session', verb: sql.split(' ')[0] })
})

test.each(['set', 'set a', 'set local', 'reset', 'discard', 'discard a'])('%s is not proved', (sql) => {
  expect(planStatement(sql).kind).toBe('unprovable')
})

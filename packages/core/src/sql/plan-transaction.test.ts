import { expect, test } from 'vitest'
import { planStatement } from './plan.ts'

test.each([
  ['begin isolation level serializable, read only', 'begin'],
  ['START TRANSACTION', 'begin'],
  ['end', 'commit'],
  ['commit work and no chain', 'commit'],
  ['abort', 'rollback'],
  ["prepare transaction 'x'", 'prepare transaction'],
  ["commit prepared 'x'", 'commit prepared'],
  ["rollback prepared 'x'", 'rollback prepared'],
])('%s is a %s', (sql, verb) => {
  expect(planStatement(sql)).toEqual({ kind: 'transaction', verb, chain: false })
})

test.each([
  ['commit and chain', 'commit'],
  ['rollback and chain', 'rollback'],
])('%s begins another transaction', (sql, verb) => {
  expect(planStatement(sql)).toEqual({ kind: 'transaction', verb, chain: true })
})

test.each([
  ['savepoint Sp', 'savepoint', 'sp'],
  ['savepoint "S p"', 'savepoint', 'S p'],
  ['release savepoint a', 'release', 'a'],
  ['release a', 'release', 'a'],
  ['rollback transaction to savepoint a', 'rollback to', 'a'],
  ['rollback to a', 'rollback to', 'a'],
])('%s names its savepoint', (sql, verb, name) => {
  expect(planStatement(sql)).toEqual({ kind: 'transaction', verb, name, chain: false })
})

test.each(['begin atomic', 'start', 'commit now', 'savepoint', 'savepoint a b', 'rollback to'])(
  '%s is not proved',
  (sql) => {
    expect(planStatement(sql).kind).toBe('unprovable')
  },
)

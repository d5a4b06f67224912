import { describe, expect, test } from 'vitest'
import type { ObservedChange, ObservedEntry } from '../observed.ts'
import { describeUnseen, type Outcome, outcomeOf, withoutUnseen, worstOf } from './outcome.ts'

const images = { before: null, after: '{}', beforeFields: [], afterFields: [] }

const change = (fields: Partial<ObservedChange> = {}): ObservedChange => ({
  ...images,
  op: 'insert',
  table: 'public.item',
  key: '1',
  tx: '7',
  statement: '7 first',
  caused: false,
  partitioned: false,
  ...fields,
})
const entry = (fields: Partial<ObservedEntry> = {}): ObservedEntry => ({
  ...images,
  id: '1',
  op: 'insert',
  table: 'public.item',
  key: '1',
  tx: '7',
  actor: null,
  correlationId: null,
  cause: null,
  places: 1,
  ...fields,
})
const announcement = (details: object, fields: Partial<ObservedEntry> = {}) =>
  entry({ op: 'statement', table: null, key: null, after: JSON.stringify(details), ...fields })

const item = { schema: 'public', name: 'item' }
const merge = announcement({ verb: 'MERGE', tables: [item] })
const effect = announcement({ verb: 'DELETE', tables: [item], cause: 1 })

type Case = readonly [
  name: string,
  outcome: Outcome,
  entries: readonly ObservedEntry[],
  changes: readonly ObservedChange[],
]

const cases: readonly Case[] = [
  ['no work', 'nothing', [], []],
  ['an update that changes nothing', 'nothing', [], [change({ op: 'update', before: '{}' })]],
  ['a change with its entry', 'exact', [entry()], [change()]],
  ['a change and no entry', 'not seen', [], [change()]],
  ['an entry for one of two changes', 'not seen', [entry()], [change(), change({ key: '2' })]],
  ['one entry for two changes of one row', 'not seen', [entry()], [change(), change()]],
  ['an entry of another transaction', 'not seen', [entry({ tx: '8' })], [change()]],
  ['a change that is announced', 'recorded', [merge], [change()]],
  ['an announcement of another table', 'not seen', [merge], [change({ table: 'public.other' })]],
  ['an announcement in another transaction', 'not seen', [merge], [change({ tx: '8' })]],
  ['an announcement without a change', 'recorded', [merge], []],
  [
    'a change in any transaction, beside DO',
    'recorded',
    [announcement({ verb: 'DO' })],
    [change({ tx: '8' })],
  ],
  ['what a foreign key changed, announced', 'recorded', [effect], [change({ caused: true })]],
  ['what a foreign key may change, and did not', 'exact', [entry(), effect], [change()]],
]

describe('the outcome of', () => {
  test.each(cases)('%s is: %s', (...[, outcome, entries, changes]) => {
    expect(outcomeOf({ entries, changes })).toBe(outcome)
  })

  test('a change behind a view is recorded where its table is said to be behind one', () => {
    const work = { entries: [merge], changes: [change({ table: 'public.behind' })] }
    expect([outcomeOf(work), outcomeOf(work, ['behind'])]).toEqual(['not seen', 'recorded'])
  })
})

test('what is not seen is told by verb and table, and taken out', () => {
  const work = { entries: [entry()], changes: [change(), change({ table: 'public.other', caused: true })] }
  expect(describeUnseen(work)).toEqual(['insert other'])
  expect(withoutUnseen(work).changes).toEqual([change()])
})

test('the worst outcome counts', () => {
  expect(worstOf(['exact', 'nothing'])).toBe('exact')
  expect(worstOf(['exact', 'not seen', 'recorded'])).toBe('not seen')
  expect(worstOf([])).toBe('nothing')
})

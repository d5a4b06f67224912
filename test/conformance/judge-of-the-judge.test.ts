import { describe, expect, test } from 'vitest'
import type { ObservedChange, ObservedEntry } from './observed.ts'
import { expectComplete, type Observation } from './row-oracle.ts'
import { visible } from './suite/visible.ts'

/** The suite of every ORM is worth what its comparisons can tell apart. */

const who = { actor: 'actor', correlationId: 'request' }
const none = { before: null, after: null, beforeFields: [], afterFields: [] }

const insertOf = (id: number, image = `{"id":${id}}`) => {
  const row = { ...none, after: image, afterFields: [['id', String(id)]] as const }
  return { op: 'insert', table: 'public.item', key: String(id), tx: '1', ...row }
}
const entry = (id: number, fields: Partial<ObservedEntry> = {}): ObservedEntry => ({
  ...insertOf(id),
  ...who,
  id: String(id),
  cause: null,
  places: 1,
  ...fields,
})
const change = (id: number, fields: Partial<ObservedChange> = {}): ObservedChange => ({
  ...insertOf(id),
  statement: String(id),
  caused: false,
  partitioned: false,
  ...fields,
})
const announcement = (details: object, fields: Partial<ObservedEntry> = {}) =>
  entry(9, { op: 'statement', table: null, key: null, after: JSON.stringify(details), ...fields })

const merge = announcement({ verb: 'MERGE', tables: [{ schema: 'public', name: 'item' }] })

type Case = readonly [
  name: string,
  entries: readonly ObservedEntry[],
  changes: readonly ObservedChange[],
  announces?: readonly string[],
]

const judge = ([, entries, changes, announces = []]: Case) => {
  const observation: Observation<unknown> = { result: undefined, who, entries, changes }
  expectComplete(observation, announces)
}

const sound: readonly Case[] = [
  ['nothing', [], []],
  ['an entry for each change', [entry(1), entry(2)], [change(1), change(2)]],
  ['a change that is announced', [merge], [change(1)], ['statement MERGE item']],
  ['one captured, one announced', [entry(1), merge], [change(1), change(2)], ['statement MERGE item']],
  [
    'a change in any transaction, where DO is announced',
    [announcement({ verb: 'DO' })],
    [change(1, { tx: '2' })],
    ['statement DO'],
  ],
]

const unsound: readonly Case[] = [
  ['a change without entry', [], [change(1)]],
  ['an entry without change', [entry(1)], []],
  ['another image', [entry(1, { after: '{"id":10}' })], [change(1)]],
  ['another key', [entry(1, { key: '2' })], [change(1)]],
  ['another order', [entry(2), entry(1)], [change(1), change(2)]],
  ['another transaction', [entry(1, { tx: '2' })], [change(1)]],
  ['an entry that is queued twice', [entry(1, { places: 2 })], [change(1)]],
  ['an entry that is not queued', [entry(1, { places: 0 })], [change(1)]],
  ['another actor', [entry(1, { actor: 'other' })], [change(1)]],
  ['an announcement that nobody expects', [merge], [change(1)]],
  ['an announcement that does not come', [], [], ['statement MERGE item']],
  [
    'an announcement of another table',
    [merge],
    [change(1, { table: 'public.other' })],
    ['statement MERGE item'],
  ],
  ['an announcement of what was captured', [entry(1), merge], [change(1)], ['statement MERGE item']],
  ['a false entry beside an announcement', [entry(3), merge], [change(1)], ['statement MERGE item']],
  ['a row that the database changed, not announced', [], [change(1, { caused: true })]],
]

describe('the oracle', () => {
  const named = (cases: readonly Case[]) => cases.map((each) => ({ name: each[0], each }))
  test.each(named(sound))('accepts $name', ({ each }) => judge(each))
  test.each(named(unsound))('refuses $name', ({ each }) => expect(() => judge(each)).toThrow())
})

class Money {
  readonly amount = 1
}

const alike: readonly [name: string, one: unknown, other: unknown][] = [
  ['times of this run', new Date(), new Date(Date.now() - 10)],
  ['their texts', `at ${new Date().toISOString()}`, `at ${new Date(Date.now() - 10).toISOString()}`],
  ['random UUIDs', crypto.randomUUID(), crypto.randomUUID()],
]

const different: readonly [name: string, one: unknown, other: unknown][] = [
  ['a number and its text', 1, '1'],
  ['a number and a bigint', 1, 1n],
  ['null and undefined', null, undefined],
  ['undefined and no property', { a: undefined }, {}],
  ['the order of keys', { a: 1, b: 2 }, { b: 2, a: 1 }],
  ['an instance and its data', new Money(), { amount: 1 }],
  ['an object without prototype and one with', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ['a Buffer and a Uint8Array', Buffer.from([1]), new Uint8Array([1])],
  ['other times', new Date('2026-01-02T03:04:05Z'), new Date('2026-01-02T03:04:06Z')],
  ['a time and its text', new Date(0), new Date(0).toISOString()],
  [
    'UUIDs that are not random',
    '01890a5d-ac96-774b-bcce-b302099a8057',
    '01890a5d-ac96-774b-bcce-b302099a8058',
  ],
  ['classes of errors', new TypeError('x'), new Error('x')],
  ['messages', new Error('x'), new Error('y')],
  ['causes', new Error('x', { cause: 1 }), new Error('x', { cause: 2 })],
  ['fields of errors', Object.assign(new Error('x'), { position: '1' }), new Error('x')],
]

describe('the comparison with a client without Indelible', () => {
  test.each(alike)('takes as equal: %s', (_, one, other) => expect(visible(one)).toEqual(visible(other)))
  test.each(different)('tells apart: %s', (_, one, other) => expect(visible(one)).not.toEqual(visible(other)))

  test('a cycle ends', () => {
    const parent: Record<string, unknown> = {}
    parent['child'] = { parent }
    expect(visible(parent)).toMatchObject({ child: { parent: '<it again>' } })
  })
})

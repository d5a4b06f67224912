import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type EntryFilter, planFilter } from './entry-filter.ts'

// fast-check's own unit `binary` takes seconds to set up.
const anyCharacter = fc.nat({ max: 0x10ffff }).map((code) => String.fromCodePoint(code))

describe('planFilter', () => {
  test('no condition reads everything', () => {
    expect(planFilter({})).toEqual({ where: 'true', params: [] })
  })

  test('conditions are joined and their values bound, in the order of the fields', () => {
    const filter: EntryFilter = { table: { schema: 'shop', name: 'order' }, key: [1, 'a'], actor: "u'1" }
    expect(planFilter(filter)).toEqual({
      where: 'e.table_schema = $1 and e.table_name = $2 and e.row_key = $3 and e.actor_id = $4',
      params: ['shop', 'order', '["1","a"]', "u'1"],
    })
  })

  test('a transaction is compared as a number, as its index has it', () => {
    expect(planFilter({ tx: '771' })).toEqual({ where: 'e.tx = $1', params: ['771'] })
  })

  test('times are bound with their zone: UTC unless they have one', () => {
    const params = ['2026-01-02', '2026-01-02T03:04:05.123456', '2026-01-02 03:04+02:00', new Date(0)].map(
      (from) => planFilter({ from }).params[0],
    )
    expect(params).toEqual([
      '2026-01-02Z',
      '2026-01-02T03:04:05.123456Z',
      '2026-01-02 03:04+02:00',
      '1970-01-01T00:00:00.000Z',
    ])
  })

  test('no value ever becomes part of the text', () => {
    const text = fc.string({ unit: anyCharacter, minLength: 1 }).map((value) => `'${value}`)
    const filter = fc.record(
      {
        table: text,
        key: fc.oneof(text, fc.array(text, { minLength: 1 })),
        actor: text,
        tenant: text,
        correlationId: text,
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(filter, (given) => {
        const { where, params } = planFilter(given)
        const blank = planFilter(Object.fromEntries(Object.keys(given).map((field) => [field, 'x'])))
        expect(where).toBe(blank.where)
        expect(params).toHaveLength(blank.params.length)
      }),
    )
  })

  test.each([
    [{ tenant: undefined }, 'filter.tenant is undefined'],
    [{ actor: null }, 'filter.actor is null'],
    [{ tabel: 'order' }, 'there is no filter "tabel"'],
    [{ toString: 'x' }, 'there is no filter "toString"'],
    [{ tx: '1 or true' }, 'filter.tx'],
    [{ op: 'upsert' }, 'filter.op'],
    [{ from: 'yesterday' }, 'is not a time'],
    [{ to: new Date(Number.NaN) }, 'is not a time'],
    [{ key: [] }, 'a row key'],
  ])('%j is refused', (filter, message) => {
    expect(() => planFilter(filter as EntryFilter)).toThrow(new RegExp(message))
    expect(() => planFilter(filter as EntryFilter)).toThrow(TypeError)
  })
})

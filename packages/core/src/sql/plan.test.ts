import { expect, test } from 'vitest'
import { planStatement } from './plan.ts'
import type { Span, WritePlan } from './plan-types.ts'

function planWrite(sql: string): WritePlan {
  const plan = planStatement(sql)
  if (plan.kind !== 'write') throw new TypeError(`${plan.kind}: ${sql}`)
  return plan
}

function cut(sql: string, span: Span | undefined): string | undefined {
  return span && sql.slice(span.start, span.end)
}

test('an update is cut into its clauses', () => {
  const sql =
    'update "S".t as x set a = $1, (b, c) = (1, 2), d[1] = default from u where x.a = $12 returning x.* ; -- z'
  const plan = planWrite(sql)
  expect(plan).toMatchObject({
    verb: 'update',
    table: { schema: 'S', name: 't' },
    reference: 'x',
    hasFrom: true,
    maxParameter: 12,
    returningStars: true,
    returningNamesOldOrNew: false,
  })
  expect(
    plan.set?.map(({ columns, kind, isDefault, value }) => [columns, kind, isDefault, cut(sql, value)]),
  ).toEqual([
    [['a'], 'column', false, '$1'],
    [['b', 'c'], 'row', false, '(1, 2)'],
    [['d'], 'part', true, 'default'],
  ])
  expect(cut(sql, plan.where)).toBe('x.a = $12')
  expect(cut(sql, plan.returning)).toBe('x.*')
  expect(sql.slice(0, plan.setEnd)).toMatch(/= default$/)
  expect(sql.slice(0, plan.bodyEnd)).toMatch(/= \$12$/)
  expect(sql.slice(plan.end)).toBe(' ; -- z')
})

test('an upsert is cut into its clauses', () => {
  const sql =
    'insert into t (a) values (1) on conflict (a) where b do update set a = 2 where t.c returning (select 1 where true)'
  const plan = planWrite(sql)
  expect(plan).toMatchObject({ verb: 'insert', table: { name: 't' }, reference: '"t"', hasFrom: false })
  expect(plan.conflict?.action).toBe('update')
  expect(cut(sql, plan.conflict?.where)).toBe('t.c')
  expect(cut(sql, plan.conflict?.whereKeyword)).toBe('where')
  expect(cut(sql, plan.returning)).toBe('(select 1 where true)')
  expect(sql.slice(plan.setEnd, plan.bodyEnd)).toBe(' where t.c')
})

test('the text in front of a write stays outside its verb', () => {
  const sql = '; with x as (select 1) delete from t using x'
  const plan = planWrite(sql)
  expect(sql.slice(plan.start)).toMatch(/^with/)
  expect(sql.slice(plan.verbStart)).toMatch(/^delete/)
})

test('the options of RETURNING are told from its list', () => {
  const sql = 'update t set a = 1 returning with (old as "O", new as n) "O".a, n.b'
  const plan = planWrite(sql)
  expect(plan.returningOption).toMatchObject({ old: '"O"', new: 'n' })
  expect(cut(sql, plan.returningOption?.span)).toBe('with (old as "O", new as n)')
  expect(cut(sql, plan.returning)).toBe('"O".a, n.b')
})

test.each(['old.a', 'NEW.a', '"old"', 'row_to_json(new)'])('RETURNING %s says old or new', (list) => {
  expect(planWrite(`update t set a = 1 returning ${list}`).returningNamesOldOrNew).toBe(true)
})

test.each(['t.old', "'old'", 'older', '"OLD"'])('RETURNING %s says neither old nor new', (list) => {
  expect(planWrite(`update t set a = 1 returning ${list}`).returningNamesOldOrNew).toBe(false)
})

test('the names of a span are read as PostgreSQL reads them', () => {
  const plan = planWrite(`delete from t where A."B""b" = 'c' /* d */ and $1 > $$e$$`)
  expect(plan.where && plan.identifiers(plan.where)).toEqual(new Set(['a', 'B"b', 'and']))
})

test.each([
  'with x as (delete from t returning *) select * from x',
  'with x as (insert into t values (1) returning a) update u set b = x.a from x',
  'select * into u from t',
  'explain analyze delete from t',
  'explain (verbose, "analyze") delete from t',
  'select 1; delete from t',
  'delete from t where update = 1',
  'update t set a = 1 where current of c',
  'delete from a.b.c',
  'update t set a = 1 where b = 1 where c = 2',
])('%s is not proved', (sql) => {
  expect(planStatement(sql).kind).toBe('unprovable')
})

test.each([
  ["select 'delete from t'", false],
  ['select a.insert, "update" from t for no key update', false],
  ['(select 1) union (values (2))', false],
  ['explain delete from t', false],
  ['select lower(a), count(*) over (partition by b) from t as u(a, b)', false],
  ['select f(1)', true],
  ['select "lower"(1)', true],
  ['declare c cursor for select f(1)', true],
  ['fetch 1 from c', true],
])('%s is a read', (sql, callsFunctions) => {
  expect(planStatement(sql)).toEqual({ kind: 'read', callsFunctions })
})

test.each([
  ["select set_config('Search_Path', 'x', false)", [{ setting: 'search_path', local: false }]],
  ["select set_config(a, 'x', false)", [{ setting: 'unknown', local: false }]],
  ["select set_config('a' || 'b', 'x', $1)", [{ setting: 'unknown', local: false }]],
  ['select set_config($1, $2, TRUE)', [{ setting: 1, local: true }]],
  ["update t set a = pg_catalog.set_config('role', 'x', not true)", [{ setting: 'role', local: false }]],
  [
    "select set_config('role', f(1, 'x'), true), set_config('a.b', $1, false)",
    [
      { setting: 'role', local: true },
      { setting: 'a.b', local: false },
    ],
  ],
])('%s sets what it says', (sql, setsConfiguration) => {
  expect(planStatement(sql)).toMatchObject({ setsConfiguration })
})

test.each(['', ' ;; ', '-- delete from t', '/* ; */'])('%j holds no statement', (sql) => {
  expect(planStatement(sql)).toEqual({ kind: 'empty' })
})

test('a hundred thousand brackets and commas are no matter', () => {
  const nested = '('.repeat(100_000) + ')'.repeat(100_000)
  expect(planStatement(`select ${nested}`).kind).toBe('read')
  expect(planStatement(`update t set a = 1${', a = 1'.repeat(100_000)}`).kind).toBe('write')
  const settings = `select ${'set_config('.repeat(20_000)}${', true)'.repeat(20_000)}`
  expect(planStatement(settings).kind).toBe('read')
  expect(planStatement(`truncate t${', t'.repeat(100_000)}`)).toMatchObject({ tables: [{ name: 't' }] })
})

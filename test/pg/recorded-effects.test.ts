import { addCaptureTriggers, fromPgPool } from '@indelible/core'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { getAnnouncement } from '../conformance/announcements.ts'
import type { Observation } from '../conformance/row-oracle.ts'
import { createPoolDatabase, type PoolDatabase } from './audited-pool.ts'

const family = (name: string) => `
  create table ${name} (id int primary key, n int);
  create table ${name}_child (id int primary key, of int references ${name} on delete cascade on update cascade);
  create table ${name}_grandchild (id int primary key, of int references ${name}_child on delete set null)`

let at: PoolDatabase
let pool: pg.Pool
beforeAll(async () => {
  at = await createPoolDatabase([family('parent'), family('watched')].join(';'))
  await addCaptureTriggers(fromPgPool(at.database.pool), ['watched'], { redact: { defaults: false } })
  pool = at.audited({ max: 1 })
})
afterAll(() => at.close())

beforeEach(async () => {
  for (const name of ['parent', 'watched']) {
    await at.database.query(`truncate ${name}, ${name}_child, ${name}_grandchild`)
    await at.database.query(`insert into ${name} select i, i from generate_series(1, 3) i`)
    await at.database.query(`insert into ${name}_child select i, i from generate_series(1, 3) i`)
    await at.database.query(`insert into ${name}_grandchild select i, i from generate_series(1, 3) i`)
  }
})

/** The tables of which it is said that foreign keys may have changed their rows. */
function effects({ entries }: Observation<unknown>): string[] {
  const announced = entries.filter(({ op }) => op === 'statement').map(getAnnouncement)
  return announced.flatMap(({ isEffect, tables }) => (isEffect ? tables : [])).sort()
}

const statements = (name: string) => ({
  removed: `with gone as (delete from ${name} where id = 1 returning id) select * from gone`,
  merged: `merge into ${name} using (values (1)) v (id) on v.id = ${name}.id when matched then delete`,
  rekeyed: `merge into ${name} using (values (1)) v (id) on v.id = ${name}.id when matched then update set id = 9`,
  changed: `with new as (update ${name} set n = 9 where id = 1 returning n) select * from new`,
  added: `with new as (insert into ${name} values (9, 9) returning id) select * from new`,
})

const children = (name: string) => [`public.${name}_child`, `public.${name}_grandchild`]

test.each(['parent', 'watched'])(
  'what foreign keys of %s do because of an uncaptured statement is announced',
  async (name) => {
    const { removed, merged, rekeyed } = statements(name)
    for (const sql of [removed, merged]) {
      expect(effects(await at.oracle.observe(() => pool.query(sql))), sql).toEqual(children(name))
      await at.database.query(`insert into ${name} values (1, 1)`)
      await at.database.query(`insert into ${name}_child values (1, 1)`)
      await at.database.query(`update ${name}_grandchild set of = 1 where id = 1`)
    }
    expect(effects(await at.oracle.observe(() => pool.query(rekeyed)))).toEqual([`public.${name}_child`])
  },
)

test('one that sets off no foreign key action announces none', async () => {
  const { added, changed } = statements('parent')
  for (const sql of [added, changed])
    expect(effects(await at.oracle.observe(() => pool.query(sql))), sql).toEqual([])
  const referencing = 'with gone as (delete from parent_grandchild returning id) select * from gone'
  expect(effects(await at.oracle.observe(() => pool.query(referencing)))).toEqual([])
})

test('under throw, a statement on a table with capture triggers passes only where its foreign keys change no other', async () => {
  const refusing = at.audited({ max: 1 }, { onUncaptured: 'throw' })
  const { removed, added } = statements('watched')
  const { entries } = await at.oracle.observe(async () => {
    await expect(refusing.query(removed)).rejects.toMatchObject({ code: 'AUDIT_UNCAPTURED' })
    await refusing.query(added)
  })
  expect(entries.map(({ op, key }) => [op, key])).toEqual([['insert', '9']])
  expect(await at.database.query('select count(*)::int as n from watched_child')).toEqual([{ n: 3 }])
})

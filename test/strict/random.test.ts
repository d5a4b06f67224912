import fc from 'fast-check'
import type pg from 'pg'
import { beforeAll, expect, test } from 'vitest'
import { createStrictDatabase, type Difference, type StrictDatabase } from './strict-database.ts'

let at: StrictDatabase
let client: pg.PoolClient
beforeAll(async () => {
  at = await createStrictDatabase()
  client = await at.client()
  return at.close
})

const own = "insert into log (what) values ('own')"
const hidden = "select write_log('hidden')"
const others = [
  'update item set stock = stock + 1 where id <= 3',
  'update item set stock = stock',
  'delete from item where id > 20',
  "insert into item (name) values ('again') on conflict (name) do update set stock = item.stock + 1",
  "insert into item (name) values ('once') on conflict do nothing returning id",
  'update part set kind = 3 - kind where id % 2 = 0',
  'insert into part values (1, 1, 5), (1, 2, 5) on conflict (id, kind) do update set n = 6',
  'delete from part where kind = 2 and id = 1',
  'select count(*) from item',
  'truncate copy_of',
  'merge into item using (values (7)) v(id) on item.id = v.id when matched then update set stock = 40',
]

const change = fc.oneof(
  { arbitrary: fc.constant(own), weight: 2 },
  { arbitrary: fc.constant(hidden), weight: 2 },
  { arbitrary: fc.constantFrom(...others), weight: 5 },
)

/** What runs between a savepoint and its release, or its rollback, or the error of a statement behind which it is rolled back. */
interface Block {
  readonly steps: readonly (string | Block)[]
  readonly end: 'release' | 'rollback' | 'failure' | 'open'
}

const { block } = fc.letrec<{ block: Block }>((tie) => ({
  block: fc.record({
    steps: fc.array(fc.oneof({ maxDepth: 3 }, change, tie('block')), { maxLength: 5 }),
    end: fc.constantFrom('release', 'rollback', 'failure', 'open'),
  }),
}))

interface Counts {
  readonly own: number
  readonly hidden: number
}

async function run({ steps, end }: Block, name: string): Promise<Counts> {
  await client.query(`savepoint ${name}`)
  const counts = { own: 0, hidden: 0 }
  for (const [index, step] of steps.entries()) {
    if (typeof step === 'string') {
      await client.query(step)
      if (step === own) counts.own += 1
      if (step === hidden) counts.hidden += 1
    } else {
      const inner = await run(step, `${name}_${index}`)
      counts.own += inner.own
      counts.hidden += inner.hidden
    }
  }
  // It inserts two rows before it fails.
  const failing = "insert into item (name) values ('new 1'), ('new 2'), ('item 1')"
  if (end === 'failure') await expect(client.query(failing)).rejects.toMatchObject({ code: '23505' })
  if (end === 'release') await client.query(`release ${name}`)
  if (end !== 'rollback' && end !== 'failure') return counts
  await client.query(`rollback to ${name}`)
  return { own: 0, hidden: 0 }
}

test('whatever savepoints take back, the check tells exactly what is left of what a function wrote', async () => {
  const ending = fc.constantFrom('commit', 'rollback', 'commit and chain')
  await fc.assert(
    fc.asyncProperty(block, ending, async (whole, end) => {
      let left: Counts = { own: 0, hidden: 0 }
      const differences = await at.differences(async () => {
        await client.query('begin')
        left = await run(whole, 's')
        await client.query(end)
        if (end === 'commit and chain') await client.query('rollback')
      })
      const all = left.own + left.hidden
      const found: Difference[] = [`log ${all}/0/0 of ${left.own}/0/0`]
      expect(differences).toEqual(end !== 'rollback' && left.hidden > 0 ? found : [])
    }),
    { seed: 20261122, numRuns: 60 },
  )
})

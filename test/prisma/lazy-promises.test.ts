import { EventEmitter, once } from 'node:events'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { restoreAuditContext, runWithAuditContext, withReason } from '@indelible/prisma'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'
import { unique } from './support/shop-rows.ts'

// A promise of Prisma sends its query when somebody awaits it, and not before: where that happens decides who did it.
let shop: AuditedShop
let prisma: AuditedClient
let last = '0'

beforeAll(async () => {
  shop = await createAuditedShop()
  prisma = shop.prisma
})

beforeEach(async () => {
  const [row] = await shop.database.query<{ id: string }>(
    'select coalesce(max(id), 0)::text as id from indelible.entry',
  )
  last = row?.id ?? '0'
})

afterAll(() => shop.close())

const context = { actor: { id: 'ada' } }
const create = () => prisma.tag.create({ data: { name: unique('tag') } })

/** Who wrote the entries since the beginning of the test, in order. */
async function actors(): Promise<(string | null)[]> {
  const rows = await shop.database.query<{ actor: string | null }>(
    'select actor_id as actor from indelible.entry where id > $1 order by id',
    [last],
  )
  return rows.map(({ actor }) => actor)
}

test('an arrow that returns the promise', async () => {
  const tag = await runWithAuditContext(context, () => create())
  expect(tag).toHaveProperty('id')
  expect(await actors()).toEqual(['ada'])
})

test('a function that is the query itself, unbound', async () => {
  await runWithAuditContext(context, create)
  expect(await actors()).toEqual(['ada'])
})

test('an async arrow, with and without await, early and late', async () => {
  await runWithAuditContext(context, async () => create())
  await runWithAuditContext(context, async () => {
    await sleep(1)
    await create()
    await sleep(1)
    return create()
  })
  expect(await actors()).toEqual(['ada', 'ada', 'ada'])
})

test('a promise that the scope returned, awaited, chained and caught much later', async () => {
  const promise = runWithAuditContext(context, () => create())
  await sleep(5)
  const chained = promise
    .then(() => 'then')
    .catch(() => 'catch')
    .finally(() => undefined)
  expect(await chained).toBe('then')
  expect(await actors()).toEqual(['ada'])
})

test('a chain that begins inside', async () => {
  await runWithAuditContext(context, () => create().then(() => create()))
  await runWithAuditContext(context, () => create().finally(() => undefined))
  expect(await actors()).toEqual(['ada', 'ada', 'ada'])
})

test('a query that fails, and the one that its catch sends', async () => {
  const name = unique('taken')
  await prisma.tag.create({ data: { name } })
  await runWithAuditContext(context, () => prisma.tag.create({ data: { name } }).catch(() => create()))
  expect(await actors()).toEqual([null, 'ada'])
})

test('Promise.all, allSettled, race and any inside', async () => {
  await runWithAuditContext(context, () => Promise.all([create(), create()]))
  await runWithAuditContext(context, () => Promise.allSettled([create()]))
  await runWithAuditContext(context, () => Promise.race([create()]))
  await runWithAuditContext(context, () => Promise.any([create()]))
  expect(await actors()).toEqual(Array(5).fill('ada'))
})

test('an array of lazy promises, awaited outside', async () => {
  await Promise.all(runWithAuditContext(context, () => [create(), create()]))
  const [first] = runWithAuditContext(context, () => [create()])
  expect(await first).toHaveProperty('id')
  for await (const tag of runWithAuditContext(context, () => [create()])) expect(tag).toHaveProperty('id')
  expect(await actors()).toEqual(['ada', 'ada', 'ada', 'ada'])
})

// Prisma runs a batch as a whole. Were each promise bound, the context of the first would count for all: a false actor.
test('a batch has the context of its $transaction, wherever its promises come from', async () => {
  const by = (id: string) => runWithAuditContext({ actor: { id } }, () => [create()])
  await prisma.$transaction([...by('bob'), ...by('eve'), create()])
  expect(await actors()).toEqual([null, null, null])
  await runWithAuditContext(context, () => prisma.$transaction([...by('bob'), create()]))
  expect((await actors()).slice(3)).toEqual(['ada', 'ada'])
})

test('an array that an async function returns holds promises that nobody awaited inside', async () => {
  const [promise] = await runWithAuditContext(context, async () => [create()])
  await promise
  expect(await actors()).toEqual([null])
})

test('transactions: a batch, and a function', async () => {
  await runWithAuditContext(context, () => prisma.$transaction([create(), create()]))
  await runWithAuditContext(context, () =>
    prisma.$transaction((tx) => tx.tag.create({ data: { name: unique('tag') } })),
  )
  expect(await actors()).toEqual(['ada', 'ada', 'ada'])
})

test('raw SQL, and the fluent API on the way', async () => {
  await runWithAuditContext(
    context,
    () => prisma.$executeRaw`insert into "Tag" (name) values (${unique('tag')})`,
  )
  await runWithAuditContext(
    context,
    () => prisma.$queryRaw`insert into "Tag" (name) values (${unique('tag')}) returning id`,
  )
  expect(await actors()).toEqual(['ada', 'ada'])
})

test('an async generator, iterated outside', async () => {
  const steps = runWithAuditContext(context, async function* () {
    yield await create()
    yield create()
  })
  for await (const tag of steps) expect(tag).toHaveProperty('id')
  expect(await actors()).toEqual(['ada', 'ada'])
})

test('a generator of lazy promises, awaited inside its body or drained in the scope', async () => {
  await runWithAuditContext(context, async () => {
    function* promises() {
      yield create()
      yield create()
    }
    for (const promise of promises()) await promise
    for await (const tag of promises()) expect(tag).toHaveProperty('id')
  })
  expect(await actors()).toEqual(['ada', 'ada', 'ada', 'ada'])
})

test('nested scopes, restored scopes and reasons', async () => {
  await runWithAuditContext(context, () => runWithAuditContext({ tenant: 't' }, () => create()))
  await restoreAuditContext({ version: 1, context }, () => create())
  await runWithAuditContext(context, () => withReason('why', () => create()))
  await Promise.all(restoreAuditContext({ version: 1, context }, () => [create()]))
  expect(await actors()).toEqual(['ada', 'ada', 'ada', 'ada'])
})

test('a timer, a microtask, an immediate and an event of a stream that begin inside', async () => {
  const done = new EventEmitter()
  const write = () => void create().then(() => done.emit('written'))
  const written = async (begin: () => unknown) => {
    const promise = once(done, 'written')
    runWithAuditContext(context, () => void begin())
    await promise
  }
  await written(() => setTimeout(write, 1))
  await written(() => queueMicrotask(write))
  await written(() => setImmediate(write))
  await written(() => process.nextTick(write))
  await written(() => Readable.from([1]).on('data', write))
  expect(await actors()).toEqual(['ada', 'ada', 'ada', 'ada', 'ada'])
})

// What the documentation of runWithAuditContext says about the shapes that hide a lazy promise.
test('a lazy promise in a field of an object has the context of where it is awaited', async () => {
  const { tag } = runWithAuditContext(context, () => ({ tag: create() }))
  await tag
  const late = runWithAuditContext(context, () => () => create())
  await late()
  expect(await actors()).toEqual([null, null])
})

import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AuditContext,
  getAuditContext,
  runWithAuditContext,
  tryGetAuditContext,
  updateAuditContext,
} from '@indelible/prisma'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'
import { unique } from './support/shop-rows.ts'

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

interface Stored {
  readonly actor: string | null
  readonly type: string | null
  readonly tenant: string | null
  readonly correlation: string | null
  readonly context: AuditContext | null
}

/** What the entries since the beginning of the test say about who. */
const stored = () =>
  shop.database.query<Stored & { name: string }>(
    `select actor_id as actor, actor_type as type, tenant, correlation_id as correlation, context,
      coalesce(after ->> 'name', before ->> 'name') as name from indelible.entry where id > $1 order by id`,
    [last],
  )

const create = (client: Pick<AuditedClient, 'tag'> = prisma) =>
  client.tag.create({ data: { name: unique('tag') } })
const actor = (id: string) => ({ actor: { id } })

test('an async function, a sync function and raw SQL keep the actor', async () => {
  await runWithAuditContext(actor('async'), async () => {
    await sleep(1)
    await create()
  })
  const { started } = runWithAuditContext(actor('sync'), () => ({ started: create().then((tag) => tag) }))
  await started
  await runWithAuditContext(actor('raw'), () => prisma.$executeRaw`delete from "Tag"`)
  expect((await stored()).map((row) => row.actor).filter((id) => id !== null)[0]).toBe('async')
  expect(new Set((await stored()).map((row) => row.actor))).toEqual(new Set(['async', 'sync', 'raw']))
})

test('a write outside any context has no actor and no context', async () => {
  await create()
  expect(await stored()).toMatchObject([
    { actor: null, type: null, tenant: null, correlation: null, context: null },
  ])
})

test('all fields arrive, the indexed ones twice', async () => {
  const context = {
    actor: { id: 'u_42', type: 'user', authMethod: 'jwt', roles: ['admin'] },
    correlationId: 'req-7',
    tenant: 'acme',
    action: 'tag.create',
    reason: 'because',
    request: { method: 'POST', path: '/tags' },
    metadata: { depth: { a: [1, null, true] } },
  }
  await runWithAuditContext(context, () => create())
  expect(await stored()).toMatchObject([
    { actor: 'u_42', type: 'user', tenant: 'acme', correlation: 'req-7', context },
  ])
})

test('an inner context inherits, overrides, and ends with its scope', async () => {
  await runWithAuditContext({ ...actor('outer'), correlationId: 'c', metadata: { a: 1, b: 1 } }, async () => {
    await runWithAuditContext({ ...actor('inner'), metadata: { b: 2 } }, () => create())
    await create()
  })
  expect(await stored()).toMatchObject([
    { actor: 'inner', correlation: 'c', context: { metadata: { a: 1, b: 2 } } },
    { actor: 'outer', correlation: 'c', context: { metadata: { a: 1, b: 1 } } },
  ])
})

test('updateAuditContext reaches later writes of its scope only', async () => {
  await runWithAuditContext({ correlationId: 'c' }, async () => {
    await create()
    await runWithAuditContext({}, async () => {
      updateAuditContext(actor('known later'))
      await create()
    })
    await create()
  })
  expect(await stored()).toMatchObject([
    { actor: null, correlation: 'c' },
    { actor: 'known later', correlation: 'c' },
    { actor: null, correlation: 'c' },
  ])
})

test('batch, interactive and nested transactions keep the actor', async () => {
  await runWithAuditContext(actor('batch'), () => prisma.$transaction([create(), create()]))
  await runWithAuditContext(actor('interactive'), () =>
    prisma.$transaction(async (tx) => {
      await create(tx)
      await tx.$transaction((inner) => create(inner))
    }),
  )
  expect((await stored()).map((row) => row.actor)).toEqual(['batch', 'batch', 'interactive', 'interactive'])
})

test('concurrent operations that Prisma may batch together keep their own actors', async () => {
  await Promise.all(
    ['x', 'y', 'z'].map((id) =>
      runWithAuditContext(actor(id), () => prisma.tag.create({ data: { name: unique(`by ${id}`) } })),
    ),
  )
  const rows = await stored()
  expect(rows.filter((row) => !row.name.startsWith(`by ${row.actor}-`))).toEqual([])
})

test('hostile text arrives as it is', async () => {
  const texts = [
    'quote \' and "',
    'back\\slash \\\\',
    'new\nline\ttab\r',
    'ünï 表 🎉',
    '(),{}',
    "'; drop table entry; --",
    '',
    '\\N',
    'null',
    '$1',
  ]
  for (const text of texts) {
    await runWithAuditContext(
      {
        // Nobody has an empty id.
        actor: { id: text || 'empty', type: text },
        tenant: text,
        correlationId: text,
        metadata: { [text || 'empty']: text },
      },
      () => create(),
    )
  }
  expect(await stored()).toMatchObject(
    texts.map((text) => ({
      actor: text || 'empty',
      type: text,
      tenant: text,
      correlation: text,
      context: { metadata: { [text || 'empty']: text } },
    })),
  )
})

test('NUL and lone surrogates, which PostgreSQL cannot hold, are replaced and the write succeeds', async () => {
  await runWithAuditContext(
    { actor: { id: 'nul\u0000 lone \ud800.' }, metadata: { text: 'a\u0000b\udc00c', '\ud800': 1 } },
    () => create(),
  )
  const rows = await stored()
  expect(rows).toMatchObject([{ actor: 'nul\ufffd lone \ufffd.' }])
  const [row] = await shop.database.query<{ text: string }>(
    'select context::jsonb #>> array[$1, $2] as text from indelible.entry where id > $3',
    ['metadata', 'text', last],
  )
  expect(row?.text).toBe('a\ufffdb\ufffdc')
})

test('BigInt becomes text, a Date its ISO form, and what JSON cannot say is left out', async () => {
  const metadata = {
    big: 2n ** 70n,
    at: new Date(0),
    nothing: undefined,
    f: () => 1,
    nan: Number.NaN,
    map: new Map(),
  }
  await runWithAuditContext({ ...actor('json'), metadata }, () => create())
  expect((await stored())[0]?.context?.metadata).toEqual({
    big: '1180591620717411303424',
    at: '1970-01-01T00:00:00.000Z',
    nan: null,
    map: {},
  })
})

test('a context with a cycle fails the write before it runs, and says why', async () => {
  const metadata: Record<string, unknown> = {}
  metadata['self'] = metadata
  await expect(runWithAuditContext({ ...actor('cycle'), metadata }, () => create())).rejects.toThrow(
    /JSON.*cycle/,
  )
  expect(await stored()).toEqual([])
})

test('a large context arrives whole', async () => {
  const metadata = { text: 'ü"\\'.repeat(50_000) }
  await runWithAuditContext({ ...actor('large'), metadata }, () => create())
  expect((await stored())[0]?.context?.metadata).toEqual(metadata)
})

test('reads of the context', async () => {
  expect(tryGetAuditContext()).toBeUndefined()
  expect(() => getAuditContext()).toThrow(expect.objectContaining({ code: 'AUDIT_CONTEXT_MISSING' }))
  expect(() => updateAuditContext({})).toThrow(expect.objectContaining({ code: 'AUDIT_CONTEXT_MISSING' }))
  expect(runWithAuditContext(actor('a'), () => getAuditContext())).toEqual(actor('a'))
})

test('onMissingActor: reject lets batches of reads pass', async () => {
  const strict = shop.client({ onMissingActor: 'reject' })
  await strict.tag.findMany()
  await strict.$transaction([strict.$queryRaw`select 1`])
  await expect(strict.$transaction([create(strict)])).rejects.toMatchObject({ code: 'AUDIT_ACTOR_MISSING' })
  expect(await stored()).toEqual([])
})

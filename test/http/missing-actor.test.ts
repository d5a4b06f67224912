import type { EventOptions } from '@indelible/http'
import { expect, onTestFinished, test } from 'vitest'
import { options } from './suite/audit-options.ts'
import { send, withApp } from './suite/client.ts'
import { orms, useShop } from './suite/shop.ts'
import type { TestRoute } from './support/http-framework.ts'
import { nodeFramework } from './support/node-framework.ts'

const used = useShop()
const answering: TestRoute = {
  method: 'POST',
  path: '/answer/:status',
  handle: ({ params }) => ({ status: Number(params['status']), json: {} }),
}

/** What an anonymous request leaves where writes without an actor are refused. */
async function ask(status: number, events: EventOptions = {}) {
  const audit = { seal: false, onMissingActor: 'reject' } as const
  const client = await orms.typeorm.open(used.shop.database.url, { audit, poolSize: 2 })
  onTestFinished(() => client.close())
  const told: unknown[] = []
  let outcomes: unknown[] = []
  const app = {
    audit: {
      ...options,
      events,
      audit: () => client.audit ?? used.shop.audit,
      onError: (error: unknown) => told.push(error),
    },
    routes: [answering],
  }
  await withApp(nodeFramework, app, async ({ url, settled }) => {
    const { correlationId } = await send(`${url}/answer/${status}`, { method: 'POST' })
    await settled()
    outcomes = (await used.shop.entriesOf(correlationId)).map(({ after }) => after?.['outcome'])
  })
  return { outcomes, told }
}

test.for([
  [401, 'denied'],
  [403, 'denied'],
  [500, 'failure'],
] as const)('an anonymous request that is answered %i leaves its event', async ([status, outcome]) => {
  expect(await ask(status)).toEqual({ outcomes: [outcome], told: [] })
})

test('one that succeeds leaves none, and onError is told; without anonymous events nothing is told and nothing left', async () => {
  const refused = expect.objectContaining({ code: 'AUDIT_ACTOR_MISSING' })
  expect(await ask(200)).toEqual({ outcomes: [], told: [refused] })
  for (const status of [200, 401])
    expect(await ask(status, { anonymous: false })).toEqual({ outcomes: [], told: [] })
})

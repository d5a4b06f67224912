import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { captureAuditContext, runWithAuditContext } from '@indelible/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createJobsDatabase, type JobsDatabase } from './support/jobs-database.ts'
import type { ThreadRequest } from './support/thread.ts'

let jobs: JobsDatabase
let thread: Worker

beforeAll(async () => {
  jobs = await createJobsDatabase()
  const options = { execArgv: ['--conditions=@indelible/source'] }
  thread = new Worker(new URL('./support/thread.ts', import.meta.url), options)
})

afterAll(async () => {
  await thread?.terminate()
  await jobs?.close()
})

async function ask(request: ThreadRequest): Promise<void> {
  thread.postMessage(request)
  await once(thread, 'message')
}

test('what a worker thread writes has the context of who asked it, each time another', async () => {
  const { url } = jobs.database
  for (const id of ['ada', 'bob']) {
    const request = { actor: { id, type: 'user' }, correlationId: `req-${id}`, tenant: `of-${id}` }
    await runWithAuditContext(request, () => ask({ url, text: id, context: captureAuditContext() }))
  }
  await ask({ url, text: 'nobody', context: captureAuditContext() })
  for (const id of ['ada', 'bob']) {
    expect(await jobs.entries(id)).toMatchObject([
      { actorId: id, actorType: 'user', correlationId: `req-${id}`, tenant: `of-${id}` },
    ])
  }
  expect(await jobs.entries('nobody')).toMatchObject([{ actorId: null, context: null }])
})

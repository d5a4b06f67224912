import { parentPort } from 'node:worker_threads'
import { restoreAuditContext } from '@indelible/core'
import { Mark, openMarks } from './marks.ts'

/** What the main thread asks for. */
export interface ThreadRequest {
  readonly url: string
  readonly text: string
  readonly context: unknown
}

async function answer({ url, text, context }: ThreadRequest): Promise<void> {
  const source = await openMarks(url)
  await restoreAuditContext(context, () => source.manager.insert(Mark, { text }))
  await source.destroy()
  parentPort?.postMessage(text)
}

parentPort?.on('message', answer)

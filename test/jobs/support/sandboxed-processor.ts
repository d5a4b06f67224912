import { auditProcessor } from '@indelible/jobs/bullmq'
import type { SandboxedJob } from 'bullmq'
import { Mark, openMarks } from './marks.ts'

interface SandboxedMark {
  readonly url: string
  readonly text: string
}

async function processMark(job: SandboxedJob<SandboxedMark>): Promise<readonly string[]> {
  const source = await openMarks(job.data.url)
  try {
    await source.manager.insert(Mark, { text: job.data.text })
  } finally {
    await source.destroy()
  }
  return Object.keys(job.data)
}

// biome-ignore lint/style/noDefaultExport: BullMQ takes the default export of a sandboxed processor's file.
export default auditProcessor(processMark)

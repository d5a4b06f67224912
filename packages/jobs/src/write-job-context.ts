import { writeCarriedContext } from './carried-context.ts'
import { type JobContextOptions, resolveContextOptions } from './job-context-options.ts'
import type { Audience } from './signature.ts'

/**
 * Writes the running context as one line of text, to put into a job or message of any queue; `runInJobContext` reads it. Secrets in it
 * are masked.
 *
 * @returns Undefined outside a context.
 * @throws AuditError `AUDIT_CONTEXT_INVALID` when it is too long even without its request and metadata.
 *
 * @example
 * await topic.publish({ body, attributes: { audit: writeJobContext({ queue: 'mail' }) } })
 */
export function writeJobContext(job: Audience, options: JobContextOptions = {}): string | undefined {
  return writeCarriedContext(job, resolveContextOptions(options))
}

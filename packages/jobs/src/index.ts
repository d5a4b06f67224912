export type { JobContextOptions, JobRunOptions } from './job-context-options.ts'
export { type JobFacts, runInJobContext } from './run-in-job-context.ts'
export type { Audience } from './signature.ts'
export { writeJobContext } from './write-job-context.ts'

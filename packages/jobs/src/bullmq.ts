export { auditProcessor, runBullJob } from './audit-processor.ts'
export { auditFlowProducer, auditQueue } from './audit-queue.ts'
export type {
  BullBulkJobLike,
  BullFlowJobLike,
  BullFlowProducerLike,
  BullJobLike,
  BullQueueLike,
} from './bull-types.ts'
export type { JobContextOptions, JobRunOptions } from './job-context-options.ts'

import {
  auditFlowProducer,
  auditProcessor,
  auditQueue,
  type BullFlowProducerLike,
  type BullJobLike,
  type BullQueueLike,
} from '@indelible/jobs/bullmq'
import {
  auditBoss,
  auditJobHandler,
  auditPerJobHandler,
  type BossJobLike,
  type PgBossLike,
} from '@indelible/jobs/pg-boss'
import {
  createPostgresBackend,
  type FlowProducer,
  type Job,
  type Processor,
  type Queue,
  type SandboxedJob,
  Worker,
  withBackend,
} from 'bullmq'
import type { Job as BossJob, JobResult, PgBoss } from 'pg-boss'
import { expectTypeOf } from 'vitest'

interface Mail {
  readonly to: string
}

// A failure here means that our descriptions have drifted from the real BullMQ and pg-boss.
expectTypeOf<Queue<Mail, boolean, 'welcome'>>().toExtend<BullQueueLike>()
expectTypeOf<FlowProducer>().toExtend<BullFlowProducerLike>()
expectTypeOf<Job<Mail>>().toExtend<BullJobLike>()
expectTypeOf<SandboxedJob<Mail>>().toExtend<BullJobLike>()
expectTypeOf<PgBoss>().toExtend<PgBossLike>()
expectTypeOf<BossJob<Mail>>().toExtend<BossJobLike>()

// What is audited keeps its type, and callers write no type arguments.
declare const queue: Queue<Mail, boolean, 'welcome'>
declare const flows: FlowProducer
declare const boss: PgBoss
expectTypeOf(auditQueue(queue)).toEqualTypeOf<Queue<Mail, boolean, 'welcome'>>()
expectTypeOf(auditFlowProducer(flows)).toEqualTypeOf<FlowProducer>()
expectTypeOf(auditBoss(boss)).toEqualTypeOf<PgBoss>()

expectTypeOf(auditProcessor(async (job: Job<Mail, number>) => job.data.to.length)).toExtend<
  Processor<Mail, number>
>()
export const worker: Worker<Mail, number> = new Worker<Mail, number>(
  'mail',
  auditProcessor(async (job, token, signal) => {
    expectTypeOf(job.data).toEqualTypeOf<Mail>()
    expectTypeOf(token).toEqualTypeOf<string | undefined>()
    expectTypeOf(signal).toEqualTypeOf<AbortSignal | undefined>()
    return job.data.to.length
  }),
  { connection: {} },
)
export const onPostgres = new (withBackend(createPostgresBackend).Worker)<Mail>(
  'mail',
  auditProcessor(async (job) => void expectTypeOf(job.data).toEqualTypeOf<Mail>()),
  { connection: '' },
)

export const working: readonly Promise<string>[] = [
  boss.work<Mail>(
    'mail',
    auditJobHandler(async (job) => void expectTypeOf(job.data).toEqualTypeOf<Mail>()),
  ),
  boss.work(
    'mail',
    auditJobHandler(async (job: BossJob<Mail>) => job.data.to),
  ),
  boss.work(
    'mail',
    { includeMetadata: true },
    auditJobHandler(async (job: BossJob<Mail>) => job.data.to),
  ),
  boss.work(
    'mail',
    { transactional: true },
    auditJobHandler(async (_: BossJob<Mail>, tx: { executeSql(text: string): Promise<unknown> }) =>
      tx.executeSql('select 1'),
    ),
  ),
  boss.work(
    'mail',
    { perJobResults: true },
    auditPerJobHandler(async (job: BossJob<Mail>) => job.data.to),
  ),
]
expectTypeOf(auditPerJobHandler(async (_: BossJob<Mail>) => 1)).returns.resolves.toExtend<JobResult[]>()

/** A job as `addBulk` takes it. */
export interface BullBulkJobLike {
  readonly name: string
  readonly opts?: object | undefined
}

/** A queue of BullMQ 5 or 6: what adds jobs. */
export interface BullQueueLike {
  readonly name: string
  add(name: never, data: never, opts?: never): Promise<unknown>
  addBulk(jobs: never): Promise<unknown>
  upsertJobScheduler?(id: never, repeat: never, template?: never): Promise<unknown>
}

/** A node of a flow. */
export interface BullFlowJobLike extends BullBulkJobLike {
  readonly queueName: string
  readonly children?: readonly BullFlowJobLike[] | undefined
}

/** A flow producer of BullMQ 5 or 6. */
export interface BullFlowProducerLike {
  add(flow: never, opts?: never): Promise<unknown>
  addBulk(flows: never): Promise<unknown>
}

/** A job as a processor gets it, sandboxed processors too. */
export interface BullJobLike {
  readonly id?: string | undefined
  readonly name: string
  readonly queueName?: string | undefined
  readonly opts: object
  readonly attemptsMade?: number | undefined
}

/** What adds jobs in pg-boss 12. */
export interface PgBossLike {
  send(name: never, data?: never, options?: never): Promise<string | null>
  insert(name: never, jobs: never, options?: never): Promise<unknown>
  schedule(name: never, cron: never, data?: never, options?: never): Promise<void>
}

/** A job as a handler gets it. */
export interface BossJobLike {
  readonly id: string
  /** Its queue. */
  readonly name: string
  data: unknown
  readonly retryCount?: number
  /** The queue whose dead letter it is, for workers with `includeMetadata`. */
  readonly sourceName?: string | null
}

/** How one job of a batch ended, as `perJobResults` asks for it. */
export interface BossJobResult {
  readonly id: string
  readonly status: 'completed' | 'failed'
  readonly output?: unknown
}

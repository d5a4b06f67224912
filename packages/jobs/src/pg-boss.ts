export { auditBoss } from './audit-boss.ts'
export { auditJobHandler, auditPerJobHandler, runBossJob } from './audit-job-handler.ts'
export type { BossJobLike, BossJobResult, PgBossLike } from './boss-types.ts'
export type { JobContextOptions, JobRunOptions } from './job-context-options.ts'

import type { Audit } from '@indelible/core'

/** The ORMs that share the shop's database. */
export type Orm = 'Prisma' | 'TypeORM' | 'MikroORM'

/** The trail as one ORM reads it. */
export interface OrmTrail {
  readonly orm: Orm
  readonly audit: Audit
}

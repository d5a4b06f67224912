import type { Pool, PoolClient } from 'pg'
import { expectTypeOf } from 'vitest'
import type { PgClientLike, PgPoolLike } from './pg-database.ts'

// A failure here means that our description has drifted from the real node-postgres.
expectTypeOf<Pool>().toExtend<PgPoolLike>()
expectTypeOf<PoolClient>().toExtend<PgClientLike>()

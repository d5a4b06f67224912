import type { Client, Pool, PoolClient } from 'pg'
import { expectTypeOf } from 'vitest'
import type { InstrumentablePool } from './instrument-pg-pool.ts'
import type { CapturableClient } from './pg-client.ts'

// A failure here means that our description has drifted from the real node-postgres.
expectTypeOf<Pool>().toExtend<InstrumentablePool>()
expectTypeOf<Client>().toExtend<CapturableClient>()
expectTypeOf<PoolClient>().toExtend<CapturableClient>()

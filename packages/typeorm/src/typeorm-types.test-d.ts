import type { Audit, InstrumentablePool } from '@indelible/core'
import type { Pool } from 'pg'
import type {
  DataSource,
  DataSourceOptions,
  EntityManager,
  EntitySubscriberInterface,
  QueryRunner,
} from 'typeorm'
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js'
import { expectTypeOf } from 'vitest'
import { AuditSubscriber, type auditOf } from './index.ts'
import type { PostgresDriverLike } from './postgres-driver.ts'
import type { QueryRunnerLike } from './within-transaction.ts'

// A failure here means that our descriptions have drifted from the real TypeORM and node-postgres.
expectTypeOf<PostgresDriver>().toExtend<PostgresDriverLike>()
expectTypeOf<PostgresDriver>().toHaveProperty('master')
expectTypeOf<PostgresDriver>().toHaveProperty('slaves')
expectTypeOf<Pool>().toExtend<InstrumentablePool>()
expectTypeOf<QueryRunner>().toExtend<QueryRunnerLike>()
expectTypeOf<EntityManager['queryRunner']>().toEqualTypeOf<QueryRunner | undefined>()

// An application writes no type argument and no cast.
expectTypeOf<AuditSubscriber>().toExtend<EntitySubscriberInterface>()
expectTypeOf<Required<EntitySubscriberInterface>['beforeQuery']>().parameters.toEqualTypeOf<
  Parameters<AuditSubscriber['beforeQuery']>
>()
expectTypeOf([AuditSubscriber, AuditSubscriber.with({ onUncaptured: 'throw' })]).toExtend<
  NonNullable<DataSourceOptions['subscribers']>
>()
expectTypeOf<typeof auditOf>().toEqualTypeOf<(dataSource: DataSource) => Audit>()
// @ts-expect-error A misspelt option is found by the compiler.
AuditSubscriber.with({ onUncatched: 'throw' })

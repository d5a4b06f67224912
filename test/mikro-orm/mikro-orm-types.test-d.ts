import type { InstrumentablePool } from '@indelible/core'
import { type Audit, AuditSubscriber, auditOf, type OrmLike } from '@indelible/mikro-orm'
import type { MikroOrmModuleSyncOptions } from '@mikro-orm/nestjs'
import {
  type Configuration,
  type Connection,
  type EventSubscriber,
  type Kysely,
  type MaybePromise,
  MikroORM,
  type Options,
  PostgreSqlConnection,
  type SqlEntityManager,
} from '@mikro-orm/postgresql'
import type { Pool } from 'pg'
import { expectTypeOf } from 'vitest'
import type { ConnectionInternals } from '../../packages/mikro-orm/src/captured-connection.ts'
import type {
  CompiledQueryLike,
  EntityManagerLike,
  TransactionContextLike,
} from '../../packages/mikro-orm/src/within-transaction.ts'

// A failure here means that our descriptions have drifted from the real MikroORM.
expectTypeOf<MikroORM>().toExtend<OrmLike>()
expectTypeOf(auditOf(await MikroORM.init({}))).toEqualTypeOf<Audit>()
expectTypeOf<AuditSubscriber>().toExtend<EventSubscriber>()
expectTypeOf<Pool>().toExtend<InstrumentablePool>()
expectTypeOf(PostgreSqlConnection.prototype.createKysely).toEqualTypeOf<() => MaybePromise<void>>()
expectTypeOf<Connection>().toHaveProperty('ensureConnection')
expectTypeOf<SqlEntityManager>().toExtend<EntityManagerLike>()
expectTypeOf<Kysely<unknown>>().toExtend<TransactionContextLike>()
expectTypeOf<CompiledQueryLike>().toExtend<Parameters<Kysely<unknown>['executeQuery']>[0]>()

/** Sees what is protected, as the connections themselves do. */
export class Insider extends PostgreSqlConnection {
  check(): void {
    expectTypeOf(this.config).toEqualTypeOf<Configuration>()
    expectTypeOf(this.options).toExtend<ConnectionInternals['options']>()
    expectTypeOf(this.options.driverOptions).toExtend<object | undefined>()
  }
}

// As an instance and as the class itself, for MikroORM and for Nest.
export const options: Options = {
  subscribers: [new AuditSubscriber({ onUncaptured: 'throw' }), AuditSubscriber],
}
export const nest: MikroOrmModuleSyncOptions = { subscribers: [AuditSubscriber] }
// @ts-expect-error: an option that there is not
new AuditSubscriber({ redacted: {} })

import { type AuditEntry, fromPgPool, getEntry, migrate } from '@indelible/core'
import { afterAll, beforeAll } from 'vitest'
import type { OrmClient } from '../../conformance/orm-harness.ts'
import { harness as mikroOrm } from '../../mikro-orm/support/harness.ts'
import { harness as prisma } from '../../prisma/support/prisma-harness.ts'
import { createDatabase, type TestDatabase } from '../../support/fresh-database.ts'
import { harness as typeorm } from '../../typeorm/support/typeorm-harness.ts'

/** The ORMs by the names that tests use. */
export const orms = { prisma, typeorm, mikroOrm } as const

/** One database with one client of each ORM, which write one trail. */
export interface HttpShop {
  readonly database: TestDatabase
  readonly clients: Readonly<Record<keyof typeof orms, OrmClient<unknown>>>
  /** The audit that requests write their events with. */
  readonly audit: NonNullable<OrmClient<unknown>['audit']>
  /** All entries with a correlation id, oldest first. */
  entriesOf(correlationId: string): Promise<readonly AuditEntry[]>
}

/** Gives the surrounding group of tests a database of its own. */
export function useShop(): { readonly shop: HttpShop } {
  let made: HttpShop | undefined
  beforeAll(async () => {
    made = await createShop()
  })
  afterAll(async () => {
    await Promise.all(Object.values(made?.clients ?? {}).map((client) => client.close()))
    await made?.database.drop()
  })
  return {
    get shop() {
      if (made === undefined) throw new Error('the shop is made before the tests run')
      return made
    },
  }
}

/** The route that the context of an entry tells, if it does. */
export function routeIn(context: AuditEntry['context']): unknown {
  const { request } = (context ?? {}) as { readonly request?: { readonly route?: string } }
  return request?.route
}

async function createShop(): Promise<HttpShop> {
  const database = await createDatabase()
  const store = fromPgPool(database.pool)
  await migrate(store)
  const options = { audit: { seal: false }, poolSize: 4 } as const
  const clients = {
    prisma: await prisma.open(database.url, options),
    typeorm: await typeorm.open(database.url, options),
    mikroOrm: await mikroOrm.open(database.url, options),
  }
  const { audit } = clients.prisma
  if (audit === undefined) throw new Error('an audited client has an audit')
  return {
    database,
    clients,
    audit,
    async entriesOf(correlationId) {
      const rows = await database.query<{ id: string }>(
        'select id from indelible.entry where correlation_id = $1 order by id',
        [correlationId],
      )
      return Promise.all(rows.map(({ id }) => getEntry(store, Number(id))))
    },
  }
}

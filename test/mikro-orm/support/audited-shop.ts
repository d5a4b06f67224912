import { AuditSubscriber } from '@indelible/mikro-orm'
import { MikroORM, type Options } from '@mikro-orm/postgresql'
import { exact } from '../../conformance/suite/exact-options.ts'
import { createOrmDatabase, type OrmDatabase } from '../../conformance/suite/twin-databases.ts'
import { harness, shopOptions } from './harness.ts'
import { Tag } from './shop-entities.ts'

/** A database with the shop, the audit schema and the oracle. */
export interface AuditedShop extends OrmDatabase<MikroORM> {
  /** Makes an ORM of it, audited unless told otherwise, and sends nothing. It is closed by `close`. */
  init(options?: Partial<Options>): Promise<MikroORM>
}

/** Creates an audited shop for a test file. */
export async function createAuditedShop(): Promise<AuditedShop> {
  const shop = await createOrmDatabase(harness)
  const orms: MikroORM[] = []
  return {
    ...shop,
    init: async (options = {}) => {
      const subscribers = [new AuditSubscriber(exact)]
      const orm = await MikroORM.init({ ...shopOptions(shop.database.url), subscribers, ...options })
      orms.push(orm)
      return orm
    },
    close: async () => {
      await Promise.all(orms.map((orm) => orm.close(true)))
      await shop.close()
    },
  }
}

let count = 0

/** Inserts a tag that is called like no other. */
export function insertTag(orm: MikroORM): Promise<number> {
  count += 1
  return orm.em.fork().insert(Tag, { name: `tag ${count}` })
}

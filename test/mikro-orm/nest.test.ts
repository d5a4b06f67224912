import 'reflect-metadata'
import { AuditSubscriber, getAuditContext, runWithAuditContext } from '@indelible/mikro-orm'
import { EntityManager } from '@mikro-orm/core'
import { MikroOrmModule, type MikroOrmModuleSyncOptions } from '@mikro-orm/nestjs'
import { PostgreSqlDriver, type SqlEntityManager } from '@mikro-orm/postgresql'
import {
  Controller,
  type INestApplication,
  Inject,
  type MiddlewareConsumer,
  Module,
  Param,
  Post,
  Scope,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exact } from '../conformance/suite/exact-options.ts'
import { createOrmDatabase, type OrmDatabase } from '../conformance/suite/twin-databases.ts'
import { harness, shopOptions } from './support/harness.ts'
import { Product, Tag } from './support/shop-entities.ts'

let shop: OrmDatabase<unknown>

beforeAll(async () => {
  shop = await createOrmDatabase(harness)
})

afterAll(() => shop.close())

interface RequestLike {
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** Writes a tag called like the actor in every way that an application has: flush, native, nested transaction. */
class TagController {
  readonly #em: SqlEntityManager
  readonly #actor: string | undefined

  constructor(em: SqlEntityManager, actor: string | undefined) {
    this.#em = em
    this.#actor = actor
  }

  async create(name: string): Promise<{ actor: string | undefined; em: number }> {
    const em = this.#em
    const tag = em.create(Tag, { name })
    await em.flush()
    await em.insert(Product, { sku: name, name, price: '1' })
    await em.transactional(async (inner) => {
      await inner.nativeUpdate(Product, { sku: name }, { stock: 1 })
      tag.name = `${name}!`
    })
    await em.nativeDelete(Product, { sku: name })
    return { actor: this.#actor, em: em.id }
  }
}

// What decorators would do, said by function calls: tests run under plain type stripping.
Controller('tags')(TagController)
const create = Object.getOwnPropertyDescriptor(TagController.prototype, 'create') ?? {}
Post(':name')(TagController.prototype, 'create', create)
Param('name')(TagController.prototype, 'create', 0)
Inject(EntityManager)(TagController, undefined, 0)
Inject('ACTOR')(TagController, undefined, 1)

async function startApplication(settings: MikroOrmModuleSyncOptions): Promise<INestApplication> {
  class Application {
    configure(consumer: MiddlewareConsumer): void {
      const asActor = ({ headers }: RequestLike, _response: unknown, next: () => void) =>
        runWithAuditContext({ actor: { id: headers['x-actor'] ?? 'nobody' } }, next)
      consumer.apply(asActor).forRoutes('*path')
    }
  }
  Module({
    imports: [
      MikroOrmModule.forRoot({
        ...shopOptions(shop.database.url),
        driver: PostgreSqlDriver,
        subscribers: [new AuditSubscriber(exact)],
        ...settings,
      }),
    ],
    controllers: [TagController],
    providers: [{ provide: 'ACTOR', scope: Scope.REQUEST, useFactory: () => getAuditContext().actor?.id }],
  })(Application)
  const app = await NestFactory.create(Application, { logger: false })
  await app.listen(0)
  return app
}

describe.each<[name: string, settings: MikroOrmModuleSyncOptions]>([
  ['an entity manager for each request by the middleware of MikroOrmModule', {}],
  ['a request-scoped entity manager', { scope: Scope.REQUEST, registerRequestContext: false }],
])('a Nest application with %s', (_, settings) => {
  let app: INestApplication

  beforeAll(async () => {
    app = await startApplication(settings)
  })

  afterAll(() => app?.close())

  test('50 requests at once: no entry has the actor of another', async () => {
    const actors = Array.from({ length: 50 }, (_each, n) => `actor-${Object.keys(settings).length}-${n}`)
    // Five rows each, and the announcement of what the foreign keys on a deleted product may do.
    const { entries } = await shop.oracle.observe(async () => {
      const url = await app.getUrl()
      const answers = await Promise.all(
        actors.map(async (actor) => {
          const response = await fetch(`${url}/tags/${actor}`, {
            method: 'POST',
            headers: { 'x-actor': actor },
          })
          // One-line bridge: what the controller above returns.
          return (await response.json()) as { actor: string; em: number }
        }),
      )
      expect(answers.map(({ actor }) => actor)).toEqual(actors)
    })
    const owner = new Map<string, string | null>()
    for (const { op, table, key, after, actor } of entries) {
      if (op !== 'insert') continue
      expect(JSON.parse(after ?? '{}').name).toBe(actor)
      owner.set(`${table} ${key}`, actor)
    }
    expect(entries).toHaveLength(50 * 5)
    expect(entries.filter(({ table, key, actor }) => owner.get(`${table} ${key}`) !== actor)).toEqual([])
    expect(entries.map(({ actor }) => actor).sort()).toEqual(
      actors.flatMap((actor) => Array(5).fill(actor)).sort(),
    )
  })
})

import 'reflect-metadata'
import { setTimeout as sleep } from 'node:timers/promises'
import { getAuditContext } from '@indelible/core'
import { actorFromUser } from '@indelible/http'
import { AuditModule } from '@indelible/http/nest'
import { auditOf, AuditSubscriber as MikroOrmSubscriber } from '@indelible/mikro-orm'
import { AuditSubscriber, auditOf as auditOfDataSource } from '@indelible/typeorm'
import { EntityManager, MikroORM } from '@mikro-orm/core'
import { MikroOrmModule } from '@mikro-orm/nestjs'
import { PostgreSqlDriver, type SqlEntityManager } from '@mikro-orm/postgresql'
import {
  type CanActivate,
  Controller,
  type DynamicModule,
  type ExecutionContext,
  type INestApplication,
  Inject,
  Injectable,
  Module,
  Param,
  Post,
  Scope,
} from '@nestjs/common'
import { APP_GUARD, NestFactory, REQUEST } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { getDataSourceToken, getRepositoryToken, TypeOrmModule } from '@nestjs/typeorm'
import type { DataSource, Repository } from 'typeorm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { exact } from '../conformance/suite/exact-options.ts'
import { shopOptions } from '../mikro-orm/support/harness.ts'
import { Product as MikroOrmProduct, Tag } from '../mikro-orm/support/shop-entities.ts'
import { productData } from '../typeorm/support/scenario.ts'
import { type Product, ProductSchema } from '../typeorm/support/shop-entities.ts'
import { shopDataSource } from '../typeorm/support/typeorm-harness.ts'
import { options } from './suite/audit-options.ts'
import { send } from './suite/client.ts'
import { useShop } from './suite/shop.ts'
import { listening } from './support/listen.ts'

const used = useShop()

/** Who the guard says it is, asked by a provider that is made for each request, before the guard has answered. */
class CurrentUser {
  readonly #request: { readonly user?: { readonly id: string } }

  constructor(request: { readonly user?: { readonly id: string } }) {
    this.#request = request
  }

  get id(): string | undefined {
    return this.#request.user?.id
  }
}

/** Knows the user only after a while, as one who asks a directory. */
const guard: CanActivate = {
  async canActivate(context: ExecutionContext) {
    const request = context.switchToHttp().getRequest()
    await sleep(Math.random() * 20)
    request.user = { id: request.headers['x-session'] }
    return true
  },
}

class RepositoryController {
  readonly #products: Repository<Product>
  readonly #source: DataSource
  readonly #user: CurrentUser

  constructor(products: Repository<Product>, source: DataSource, user: CurrentUser) {
    this.#products = products
    this.#source = source
    this.#user = user
  }

  async write(name: string): Promise<object> {
    const { id } = await this.#products.save(productData(name))
    await this.#source.transaction(async (manager) => {
      await manager.increment('Product', { id }, 'stock', 2)
      await manager.transaction((nested) => nested.insert('Tag', { name }))
    })
    await this.#products.delete(id)
    return { user: this.#user.id, actor: getAuditContext().actor?.id }
  }
}

class EntityManagerController {
  readonly #em: SqlEntityManager
  readonly #user: CurrentUser

  constructor(em: SqlEntityManager, user: CurrentUser) {
    this.#em = em
    this.#user = user
  }

  async write(name: string): Promise<object> {
    const em = this.#em
    em.create(Tag, { name })
    await em.flush()
    await em.insert(MikroOrmProduct, { sku: name, name, price: '1' })
    await em.transactional((inner) => inner.nativeUpdate(MikroOrmProduct, { sku: name }, { stock: 2 }))
    await em.nativeDelete(MikroOrmProduct, { sku: name })
    return { user: this.#user.id, actor: getAuditContext().actor?.id }
  }
}

// Decorators called as functions: what Node.js strips of types leaves them out.
Injectable({ scope: Scope.REQUEST })(CurrentUser)
Inject(REQUEST)(CurrentUser, undefined, 0)
for (const controller of [RepositoryController, EntityManagerController]) {
  const write = Object.getOwnPropertyDescriptor(controller.prototype, 'write') ?? {}
  Post(':name')(controller.prototype, 'write', write)
  Param('name')(controller.prototype, 'write', 0)
  Controller('orders')(controller)
}
Inject(getRepositoryToken(ProductSchema))(RepositoryController, undefined, 0)
Inject(getDataSourceToken())(RepositoryController, undefined, 1)
Inject(CurrentUser)(RepositoryController, undefined, 2)
Inject(EntityManager)(EntityManagerController, undefined, 0)
Inject(CurrentUser)(EntityManagerController, undefined, 1)

const actor = actorFromUser()

/** The modules of an application with one ORM, whose data source the audit's options are made of. */
const modules: Readonly<Record<string, (url: string) => Pick<DynamicModule, 'imports' | 'controllers'>>> = {
  TypeOrmModule: (url) => ({
    imports: [
      AuditModule.forRootAsync({
        inject: [getDataSourceToken()],
        useFactory: (source: DataSource) => ({ ...options, audit: auditOfDataSource(source), actor }),
      }),
      TypeOrmModule.forRoot({
        ...shopDataSource(url),
        poolSize: 5,
        subscribers: [AuditSubscriber.with({ ...exact, seal: false })],
      }),
      TypeOrmModule.forFeature([ProductSchema]),
    ],
    controllers: [RepositoryController],
  }),
  MikroOrmModule: (url) => ({
    imports: [
      AuditModule.forRootAsync({
        inject: [MikroORM],
        useFactory: (orm: Parameters<typeof auditOf>[0]) => ({ ...options, audit: auditOf(orm), actor }),
      }),
      MikroOrmModule.forRoot({
        ...shopOptions(url),
        driver: PostgreSqlDriver,
        pool: { max: 5 },
        subscribers: [new MikroOrmSubscriber({ ...exact, seal: false })],
      }),
    ],
    controllers: [EntityManagerController],
  }),
}

const adapters = { Express: () => new ExpressAdapter(), Fastify: () => new FastifyAdapter() } as const

async function start(name: string, adapter: keyof typeof adapters): Promise<INestApplication> {
  class ShopModule {}
  Module({
    ...modules[name]?.(used.shop.database.url),
    providers: [CurrentUser, { provide: APP_GUARD, useValue: guard }],
  })(ShopModule)
  const quiet = { logger: false, abortOnError: false } as const
  const app = await NestFactory.create(ShopModule, adapters[adapter](), quiet)
  onTestFinished(() => app.close())
  await app.init()
  await app.getHttpAdapter().getInstance().ready?.()
  return app
}

describe.for(Object.keys(adapters) as (keyof typeof adapters)[])('Nest on %s', (adapter) => {
  test.for(Object.keys(modules))(
    '50 requests at once through %s, whose guard knows the user late: no entry has the actor of another',
    async (name) => {
      const app = await start(name, adapter)
      const { url } = await listening(app.getHttpServer().listen(0, '127.0.0.1'))
      const users = Array.from({ length: 50 }, (_, n) => `${adapter}-${name}-${n}`)
      const answers = await Promise.all(
        users.map((user) =>
          send(`${url}/orders/${user}`, { method: 'POST', headers: { 'x-session': user }, json: {} }),
        ),
      )
      expect(answers.map(({ status, text }) => [status, text])).toEqual(
        users.map((user) => [201, JSON.stringify({ user, actor: user })]),
      )
      await app.get(AuditModule).settled()
      for (const [n, { correlationId }] of answers.entries()) {
        const entries = await used.shop.entriesOf(correlationId)
        const rows = entries.filter(({ op }) => op !== 'statement')
        expect(rows.map(({ op, tableName }) => `${op} ${tableName}`).sort()).toEqual([
          'delete Product',
          'event http',
          'insert Product',
          'insert Tag',
          'update Product',
        ])
        expect(new Set(entries.map(({ actorId }) => actorId))).toEqual(new Set([users[n]]))
        for (const { op, after } of rows)
          if (op === 'insert') expect(String(after?.['sku'] ?? after?.['name'])).toContain(users[n])
      }
    },
  )
})

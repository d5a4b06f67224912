import 'reflect-metadata'
import { AuditSubscriber, auditOf, getAuditContext, runWithAuditContext } from '@indelible/typeorm'
import {
  Body,
  Controller,
  type INestApplication,
  Inject,
  Injectable,
  type MiddlewareConsumer,
  Module,
  Post,
  Scope,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { getDataSourceToken, getRepositoryToken, TypeOrmModule } from '@nestjs/typeorm'
import type { DataSource, Repository } from 'typeorm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditedShop, createAuditedShop, exactOptions } from './support/audited-shop.ts'
import { productData } from './support/scenario.ts'
import { type Product, ProductSchema, TagSchema } from './support/shop-entities.ts'
import { shopDataSource } from './support/typeorm-harness.ts'

const REQUESTS = 50

/** What one request leaves. */
const WHOLE = ['delete Tag', 'insert Product', 'insert Tag', 'update Product', 'update Product']

let shop: AuditedShop
let app: INestApplication
let address: string

beforeAll(async () => {
  shop = await createAuditedShop()
  app = await NestFactory.create(createModule(shop.database.url), { logger: ['error'] })
  await app.listen(0, '127.0.0.1')
  address = await app.getUrl()
})

afterAll(async () => {
  await app?.close()
  await shop?.close()
})

/** Reads the actor of its request when it is made. */
class CurrentActor {
  readonly id = getAuditContext().actor?.id
}

class OrdersController {
  readonly #products: Repository<Product>
  readonly #source: DataSource
  readonly #actor: CurrentActor

  constructor(products: Repository<Product>, source: DataSource, actor: CurrentActor) {
    this.#products = products
    this.#source = source
    this.#actor = actor
  }

  async create({ sku }: { readonly sku: string }): Promise<object> {
    const { id } = await this.#products.save(productData(sku))
    await this.#source.transaction(async (manager) => {
      await manager.increment('Product', { id }, 'stock', 2)
      await manager.transaction((nested) => nested.insert('Tag', { name: sku }))
    })
    await Promise.all([
      this.#products.update(id, { name: `named ${sku}` }),
      this.#source.query('delete from "Tag" where name = $1', [sku]),
    ])
    return { actor: this.#actor.id, again: getAuditContext().actor?.id }
  }
}

// Decorators called as functions: what Node.js strips of types leaves them out.
Injectable({ scope: Scope.REQUEST })(CurrentActor)
const create = Object.getOwnPropertyDescriptor(OrdersController.prototype, 'create') ?? {}
Post()(OrdersController.prototype, 'create', create)
Body()(OrdersController.prototype, 'create', 0)
Inject(getRepositoryToken(ProductSchema))(OrdersController, undefined, 0)
Inject(getDataSourceToken())(OrdersController, undefined, 1)
Inject(CurrentActor)(OrdersController, undefined, 2)
Controller('orders')(OrdersController)

interface RequestLike {
  readonly headers: Readonly<Record<string, string | undefined>>
}

function auditRequests({ headers }: RequestLike, _response: unknown, next: () => void): void {
  const id = headers['x-user'] ?? 'nobody'
  runWithAuditContext({ actor: { id }, correlationId: `request of ${id}` }, next)
}

function createModule(url: string) {
  class ShopModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(auditRequests).forRoutes('*path')
    }
  }
  Module({
    imports: [
      TypeOrmModule.forRoot({
        ...shopDataSource(url),
        poolSize: 5,
        subscribers: [AuditSubscriber.with(exactOptions)],
      }),
      TypeOrmModule.forFeature([ProductSchema, TagSchema]),
    ],
    controllers: [OrdersController],
    providers: [CurrentActor],
  })(ShopModule)
  return ShopModule
}

async function post(user: string): Promise<unknown> {
  const response = await fetch(`${address}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user': user },
    body: JSON.stringify({ sku: `sku of ${user}` }),
  })
  return { status: response.status, body: await response.json() }
}

test('a Nest application under parallel requests gives every entry its own actor', async () => {
  const users = Array.from({ length: REQUESTS }, (_, n) => `user-${n}`)
  const answers = await Promise.all(users.map(post))
  expect(answers).toEqual(users.map((id) => ({ status: 201, body: { actor: id, again: id } })))

  const audit = auditOf(app.get<DataSource>(getDataSourceToken()))
  const told = new Map<string, string[]>()
  for await (const { op, entity, actorId, correlationId, before, after } of audit.entries()) {
    const owner = String(after?.['sku'] ?? after?.['name'] ?? before?.['name'] ?? `sku of ${actorId}`)
    expect(correlationId).toBe(`request of ${actorId}`)
    expect(owner.replace(/^named /, '')).toBe(`sku of ${actorId}`)
    told.set(String(actorId), [...(told.get(String(actorId)) ?? []), `${op} ${entity}`])
  }
  expect([...told.keys()].sort()).toEqual([...users].sort())
  for (const entries of told.values()) expect(entries.sort()).toEqual(WHOLE)
})

test('closing the application stops the sealer and the pool', async () => {
  const source = app.get<DataSource>(getDataSourceToken())
  await auditOf(source).seal()
  expect(await auditOf(source).verify()).toMatchObject({ ok: true, size: REQUESTS * WHOLE.length })
  await app.close()
  expect(source.isInitialized).toBe(false)
})

import { AuditAction } from '@indelible/http/nest'
import { auditOf } from '@indelible/typeorm'
import { Body, Controller, Get, Inject, Param, Post } from '@nestjs/common'
import { getDataSourceToken } from '@nestjs/typeorm'
import type { DataSource } from 'typeorm'
import { Customer } from '../typeorm/entities.ts'

/** Makes customers, and tells their history. */
export class CustomersController {
  readonly #dataSource: DataSource

  constructor(dataSource: DataSource) {
    this.#dataSource = dataSource
  }

  async create({ name, email }: { readonly name: string; readonly email: string }): Promise<object> {
    const data = { name, email, passwordHash: 'none yet', updatedAt: new Date() }
    const { id } = await this.#dataSource.manager.save(Customer, data)
    return { id }
  }

  async history(id: string): Promise<readonly object[]> {
    const history = []
    for await (const entry of auditOf(this.#dataSource).history('Customer', Number(id))) history.push(entry)
    return history
  }
}

// Decorators called as functions, because Node.js alone does not read them. Written as usual:
// `@Controller('customers')` above the class, `@Post() @AuditAction('customer.create')` above `create(@Body() data)`.
const { prototype } = CustomersController
const create = Object.getOwnPropertyDescriptor(prototype, 'create') ?? {}
const history = Object.getOwnPropertyDescriptor(prototype, 'history') ?? {}
Post()(prototype, 'create', create)
AuditAction('customer.create')(prototype, 'create', create)
Body()(prototype, 'create', 0)
Get(':id/history')(prototype, 'history', history)
Param('id')(prototype, 'history', 0)
Inject(getDataSourceToken())(CustomersController, undefined, 0)
Controller('customers')(CustomersController)

import { defineEntity, p } from '@mikro-orm/postgresql'

/** The shop's table of customers; a class with decorators does as well. */
export const Customer = defineEntity({
  name: 'Customer',
  tableName: 'Customer',
  properties: {
    id: p.integer().primary(),
    name: p.string(),
    email: p.string().unique(),
    passwordHash: p.string().fieldName('passwordHash'),
    vip: p.boolean().default(false),
    updatedAt: p
      .datetime()
      .fieldName('updatedAt')
      .onCreate(() => new Date())
      .onUpdate(() => new Date()),
  },
})

import { EntitySchema } from 'typeorm'

/** A row of the shop's table of customers. */
export interface Customer {
  id: number
  name: string
  email: string
  passwordHash: string
  vip: boolean
  updatedAt: Date
}

/** Its mapping; a class with decorators does as well. */
export const Customer = new EntitySchema<Customer>({
  name: 'Customer',
  columns: {
    id: { type: 'int', primary: true, generated: true },
    name: { type: 'text' },
    email: { type: 'text', unique: true },
    passwordHash: { type: 'text' },
    vip: { type: 'boolean', default: false },
    updatedAt: { type: 'timestamptz', updateDate: true },
  },
  tableName: 'Customer',
})

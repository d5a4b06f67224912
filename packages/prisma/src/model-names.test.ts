import { expect, test } from 'vitest'
import { modelNames } from './model-names.ts'

const client = {
  _runtimeDataModel: {
    models: {
      Order: { dbName: null, fields: [{ name: 'id' }] },
      OrderLine: {
        dbName: 'order_line',
        schema: 'shop',
        fields: [{ name: 'orderId', dbName: 'order_id' }, { name: 'quantity' }],
      },
    },
  },
}

test('models find their tables and tables their models', () => {
  const names = modelNames(client)
  expect(names.byEntity('Order')).toMatchObject({ table: 'Order' })
  expect(names.byEntity('OrderLine')).toMatchObject({ table: 'order_line', schema: 'shop' })
  expect(names.byTable('shop', 'order_line')?.properties).toEqual(new Map([['order_id', 'orderId']]))
  expect(names.byTable('other', 'order_line')).toBeUndefined()
  expect(names.byTable('public', 'Order')?.name).toBe('Order')
  expect(names.byEntity('order_line')).toBeUndefined()
})

test('a client that shows no model has the names of the database', () => {
  expect(modelNames({}).byEntity('Order')).toBeUndefined()
  expect(modelNames({ _runtimeDataModel: {} }).byTable('public', 'Order')).toBeUndefined()
})

import { defineEntity, p } from '@mikro-orm/postgresql'

// What the warehouse knows of the shop's tables. A column is called like its property unless it is told otherwise.

/** An order, to be packed. */
export const Order = defineEntity({
  name: 'Order',
  tableName: 'Order',
  properties: {
    id: p.integer().primary(),
    status: p.enum(['NEW', 'PAID', 'SHIPPED', 'CANCELLED']).nativeEnumName('order_status'),
    lines: () => p.oneToMany(OrderLine).mappedBy('order'),
  },
})

/** A line of an order, and the parcel it went into. */
export const OrderLine = defineEntity({
  name: 'OrderLine',
  tableName: 'order_line',
  properties: {
    order: () => p.manyToOne(Order).joinColumn('order_id').primary(),
    lineNo: p.integer().name('line_no').primary(),
    shipment: () => p.manyToOne(Shipment).joinColumn('shipment_id').nullable(),
  },
})

/** A product, as far as it lies on a shelf. */
export const Product = defineEntity({
  name: 'Product',
  tableName: 'Product',
  properties: { id: p.integer().primary(), stock: p.integer() },
})

/** A parcel. */
export const Shipment = defineEntity({
  name: 'Shipment',
  tableName: 'Shipment',
  properties: {
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    order: () => p.manyToOne(Order).joinColumn('orderId'),
    carrier: p.string(),
    trackingCode: p.string(),
  },
})

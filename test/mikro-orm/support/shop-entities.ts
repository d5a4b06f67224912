import { defineEntity, p } from '@mikro-orm/postgresql'

// The tables of prisma/migrations. EntityCaseNamingStrategy: a column is called like its property unless it is told otherwise.

export const Customer = defineEntity({
  name: 'Customer',
  tableName: 'Customer',
  properties: {
    id: p.integer().primary(),
    email: p.string(),
    name: p.string(),
    passwordHash: p.string().default('hash'),
    apiToken: p.string().nullable(),
    vip: p.boolean().default(false),
    referredBy: () => p.manyToOne(Customer).joinColumn('referredById').nullable(),
    createdAt: p.datetime(3).defaultRaw('current_timestamp'),
    updatedAt: p
      .datetime(3)
      .onCreate(() => new Date())
      .onUpdate(() => new Date()),
    profile: () => p.oneToOne(CustomerProfile).mappedBy('customer').nullable(),
    orders: () => p.oneToMany(Order).mappedBy('customer'),
  },
})

/** One to one with the customer, whose removal it follows: MikroORM deletes it, not the database. */
export const CustomerProfile = defineEntity({
  name: 'CustomerProfile',
  tableName: 'customer_profile',
  properties: {
    id: p.integer().primary(),
    customer: () => p.oneToOne(Customer).joinColumn('customer_id').inversedBy('profile').owner(),
    phone: p.string().nullable(),
    iban: p.string().nullable(),
    birthday: p.date().nullable(),
    preferences: p.json<Record<string, unknown>>().default('{}'),
    avatar: p.blob().nullable(),
  },
})

export const Category = defineEntity({
  name: 'Category',
  tableName: 'category',
  properties: {
    id: p.integer().primary(),
    slug: p.string(),
    name: p.string(),
    parent: () => p.manyToOne(Category).joinColumn('parent_id').nullable(),
    children: () => p.oneToMany(Category).mappedBy('parent'),
  },
})

export const Product = defineEntity({
  name: 'Product',
  tableName: 'Product',
  properties: {
    id: p.integer().primary(),
    sku: p.string().unique(),
    name: p.string(),
    price: p.decimal().precision(12).scale(2),
    stock: p.integer().default(0),
    ean: p.bigint('string').nullable(),
    weight: p.double().nullable(),
    active: p.boolean().default(true),
    attributes: p.json<Record<string, unknown>>().nullable(),
    keywords: p.array<string>().nullable(),
    channels: p.enum(['WEB', 'APP', 'market_place']).array().nativeEnumName('Channel').nullable(),
    picture: p.blob().nullable(),
    releasedAt: p.datetime(6).name('released_at').nullable(),
    categoryId: () => p.manyToOne(Category).joinColumn('category_id').mapToPk().nullable(),
    tags: () =>
      p
        .manyToMany(Tag)
        .pivotTable('_ProductToTag')
        .joinColumn('A')
        .inverseJoinColumn('B')
        .inversedBy('products'),
  },
})

export const Tag = defineEntity({
  name: 'Tag',
  tableName: 'Tag',
  properties: {
    id: p.integer().primary(),
    name: p.string().unique(),
    products: () => p.manyToMany(Product).mappedBy('tags'),
  },
})

export const Order = defineEntity({
  name: 'Order',
  tableName: 'Order',
  properties: {
    id: p.integer().primary(),
    customer: () => p.manyToOne(Customer).joinColumn('customerId'),
    status: p.enum(['NEW', 'PAID', 'SHIPPED', 'CANCELLED']).nativeEnumName('order_status').default('NEW'),
    total: p.decimal().precision(12).scale(2).default('0'),
    note: p.string().nullable(),
    placedAt: p.datetime(3).defaultRaw('current_timestamp'),
    paidAt: p.datetime(3).nullable(),
    lines: () => p.oneToMany(OrderLine).mappedBy('order').orphanRemoval(),
  },
})

/** Composite key, and a column that the database computes. */
export const OrderLine = defineEntity({
  name: 'OrderLine',
  tableName: 'order_line',
  properties: {
    order: () => p.manyToOne(Order).joinColumn('order_id').primary(),
    lineNo: p.integer().name('line_no').primary(),
    product: () => p.manyToOne(Product).joinColumn('product_id'),
    quantity: p.integer(),
    unitPrice: p.decimal().precision(12).scale(2).name('unit_price'),
    shipment: () => p.manyToOne(Shipment).joinColumn('shipment_id').nullable(),
    lineTotal: p
      .decimal()
      .precision(14)
      .scale(2)
      .name('line_total')
      .generated('(quantity * unit_price) stored')
      .nullable(),
  },
})

export const Shipment = defineEntity({
  name: 'Shipment',
  tableName: 'Shipment',
  properties: {
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    order: () => p.manyToOne(Order).joinColumn('orderId'),
    carrier: p.string(),
    trackingCode: p.string().nullable(),
    shippedAt: p.datetime(3).defaultRaw('current_timestamp'),
  },
})

/** The table has no primary key, only a unique one. */
export const ListPrice = defineEntity({
  name: 'ListPrice',
  tableName: 'list_price',
  properties: {
    product: () => p.manyToOne(Product).joinColumn('product_id').primary(),
    currency: p.character().length(3).primary(),
    amount: p.decimal().precision(12).scale(2).nullable(),
    validUntil: p.date().name('valid_until').nullable(),
    note: p.string().nullable(),
  },
})

export const Review = defineEntity({
  name: 'Review',
  tableName: 'Review',
  properties: {
    id: p.bigint('string').primary(),
    product: () => p.manyToOne(Product).joinColumn('productId'),
    customer: () => p.manyToOne(Customer).joinColumn('customerId'),
    stars: p.smallint(),
    text: p.string().nullable(),
    createdAt: p.datetime(3).defaultRaw('current_timestamp'),
  },
})

export const shopEntities = [
  Customer,
  CustomerProfile,
  Category,
  Product,
  Tag,
  Order,
  OrderLine,
  Shipment,
  ListPrice,
  Review,
]

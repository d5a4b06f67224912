import { EntitySchema } from 'typeorm'

/** A row of the shop's "Product". */
export interface Product {
  id: number
  sku: string
  name: string
  price: string
  stock: number
  ean: string | null
  weight: number | null
  active: boolean
  attributes: object | null
  keywords: string[] | null
  channels: string[]
  picture: Buffer | null
  releasedAt: Date | null
  categoryId: number | null
  category?: Category | null
  tags?: Tag[]
}

/** A row of "Tag". */
export interface Tag {
  id: number
  name: string
}

/** A row of category. */
export interface Category {
  id: number
  slug: string
  name: string
}

/** A row of "Order", with its lines. */
export interface Order {
  id: number
  customerId: number
  status: string
  total: string
  note: string | null
  placedAt: Date
  lines?: OrderLine[]
}

/** A row of order_line, whose key has two columns. */
export interface OrderLine {
  orderId: number
  lineNo: number
  productId: number
  quantity: number
  unitPrice: string
  lineTotal?: string
  order?: Order
}

/** A row of "Customer". */
export interface Customer {
  id: number
  email: string
  name: string
  passwordHash: string
  vip: boolean
  updatedAt: Date
}

const id = { type: 'int', primary: true, generated: true } as const
const text = { type: 'text' } as const
const nullable = true

export const ProductSchema = new EntitySchema<Product>({
  name: 'Product',
  tableName: 'Product',
  columns: {
    id,
    sku: { ...text, unique: true },
    name: text,
    price: { type: 'decimal', precision: 12, scale: 2 },
    stock: { type: 'int', default: 0 },
    ean: { type: 'bigint', nullable },
    weight: { type: 'float', nullable },
    active: { type: 'boolean', default: true },
    attributes: { type: 'jsonb', nullable },
    keywords: { type: 'text', array: true, nullable },
    channels: {
      type: 'enum',
      enum: ['WEB', 'APP', 'market_place'],
      enumName: 'Channel',
      array: true,
      default: ['WEB'],
    },
    picture: { type: 'bytea', nullable },
    releasedAt: { type: 'timestamptz', name: 'released_at', nullable },
    categoryId: { type: 'int', name: 'category_id', nullable },
  },
  relations: {
    category: { type: 'many-to-one', target: 'Category', joinColumn: { name: 'category_id' }, nullable },
    tags: {
      type: 'many-to-many',
      target: 'Tag',
      cascade: ['insert'],
      joinTable: {
        name: '_ProductToTag',
        joinColumn: { name: 'A', referencedColumnName: 'id' },
        inverseJoinColumn: { name: 'B', referencedColumnName: 'id' },
      },
    },
  },
})

export const TagSchema = new EntitySchema<Tag>({
  name: 'Tag',
  tableName: 'Tag',
  columns: { id, name: { ...text, unique: true } },
})

const CategorySchema = new EntitySchema<Category>({
  name: 'Category',
  tableName: 'category',
  columns: { id, slug: { ...text, unique: true }, name: text },
})

export const CustomerSchema = new EntitySchema<Customer>({
  name: 'Customer',
  tableName: 'Customer',
  columns: {
    id,
    email: { ...text, unique: true },
    name: text,
    passwordHash: text,
    vip: { type: 'boolean', default: false },
    updatedAt: { type: 'timestamptz' },
  },
})

export const OrderSchema = new EntitySchema<Order>({
  name: 'Order',
  tableName: 'Order',
  columns: {
    id,
    customerId: { type: 'int' },
    status: {
      type: 'enum',
      enum: ['NEW', 'PAID', 'SHIPPED', 'CANCELLED'],
      enumName: 'order_status',
      default: 'NEW',
    },
    total: { type: 'decimal', default: 0 },
    note: { ...text, nullable },
    placedAt: { type: 'timestamptz', createDate: true },
  },
  relations: {
    lines: { type: 'one-to-many', target: 'OrderLine', inverseSide: 'order', cascade: true },
  },
})

const OrderLineSchema = new EntitySchema<OrderLine>({
  name: 'OrderLine',
  tableName: 'order_line',
  columns: {
    orderId: { type: 'int', primary: true, name: 'order_id' },
    lineNo: { type: 'int', primary: true, name: 'line_no' },
    productId: { type: 'int', name: 'product_id' },
    quantity: { type: 'int' },
    unitPrice: { type: 'decimal', name: 'unit_price' },
    lineTotal: {
      type: 'decimal',
      name: 'line_total',
      generatedType: 'STORED',
      asExpression: '"quantity" * "unit_price"',
      insert: false,
      update: false,
    },
  },
  relations: {
    order: {
      type: 'many-to-one',
      target: 'Order',
      inverseSide: 'lines',
      joinColumn: { name: 'order_id' },
      onDelete: 'CASCADE',
      orphanedRowAction: 'delete',
    },
  },
})

export const shopEntities = [
  ProductSchema,
  TagSchema,
  CategorySchema,
  CustomerSchema,
  OrderSchema,
  OrderLineSchema,
]

import { createAudit, createAuditTrail, createEntityNames, instrumentPgPool } from '@indelible/core'
import pg from 'pg'
import {
  auditOptionsOf,
  type BenchOrm,
  type Calls,
  type OrmClient,
  sessions,
  type Turn,
} from '../bench-orm.ts'
import {
  changes,
  knownProduct,
  manyChanges,
  newProduct,
  newProducts,
  ownCustomer,
  ownProduct,
  ownProducts,
} from '../shop-data.ts'

/** node-postgres without an ORM: what remains is the cost of the entries and of capturing. */
export const nodePostgres: BenchOrm = {
  name: 'pg',
  title: 'node-postgres',
  variants: ['plain', 'plain named', 'audited', 'audited unnamed', 'sealing'],
  open,
}

async function open(...[variant, { url }]: Parameters<BenchOrm['open']>): Promise<OrmClient> {
  const pool = new pg.Pool({ connectionString: url, max: sessions, idleTimeoutMillis: 0 })
  // A server that stops says so on sessions that are just closing.
  pool.on('error', () => {})
  const options = auditOptionsOf(variant)
  const calls = callsOf(pool, variant === 'plain named' ? nameAll() : () => undefined)
  const close = () => pool.end()
  if (options === undefined) return { calls, audit: undefined, close }
  const trail = createAuditTrail({ options, open: () => instrumented.ready() })
  const instrumented = instrumentPgPool(pool, { trail })
  const { connection } = trail
  return { calls, audit: createAudit({ connection, names: createEntityNames([]) }), close }
}

type Naming = (text: string) => string | undefined

function nameAll(): Naming {
  const names = new Map<string, string>()
  return (text) => {
    const name = names.get(text) ?? `plain_${names.size + 1}`
    names.set(text, name)
    return name
  }
}

interface Statement {
  readonly text: string
  readonly values: unknown[]
}

function callsOf(pool: pg.Pool, naming: Naming): Calls {
  const run = (to: pg.Pool | pg.PoolClient, { text, values }: Statement) => {
    const name = naming(text)
    return to.query({ text, values, ...(name !== undefined && { name }) })
  }
  const send = (statementOf: (turn: Turn) => Statement) => (turn: Turn) => run(pool, statementOf(turn))
  return {
    read: send(readOne),
    insert: send((turn) => insertOf([newProduct(turn)])),
    update: send(updateOne),
    upsert: send(upsertOne),
    remove: send(({ spare }) => ({ text: 'delete from "Product" where id = $1', values: [spare] })),
    save: async (turn) => {
      await run(pool, readOne(turn))
      return await run(pool, updateOne(turn))
    },
    transaction: async (turn) => {
      const client = await pool.connect()
      await client.query('begin')
      const [order] = (await run(client, insertOrder(turn))).rows
      for (const statement of restOfOrder(turn, order.id)) await run(client, statement)
      await client.query('commit')
      client.release()
    },
    insertMany: send((turn) => insertOf(newProducts(turn))),
    updateMany: send(updateMany),
  }
}

function readOne(turn: Turn): Statement {
  return { text: 'select * from "Product" where id = $1', values: [ownProduct(turn)] }
}

function updateOne(turn: Turn): Statement {
  const { stock, name } = changes(turn)
  return {
    text: 'update "Product" set stock = $1, name = $2 where id = $3',
    values: [stock, name, ownProduct(turn)],
  }
}

function updateMany(turn: Turn): Statement {
  const { stock, active } = manyChanges(turn)
  return {
    text: 'update "Product" set stock = $1, active = $2 where id between $3 and $4',
    values: [stock, active, ...ownProducts(turn)],
  }
}

const columns = 'sku, name, price, stock, weight, attributes, keywords'

function insertOf(products: readonly ReturnType<typeof newProduct>[]): Statement {
  const values = products.flatMap((product) => Object.values(product))
  const rows = products.map(
    (_, row) => `(${Array.from({ length: 7 }, (_, at) => `$${row * 7 + at + 1}`).join(', ')})`,
  )
  return { text: `insert into "Product" (${columns}) values ${rows.join(', ')} returning id`, values }
}

function upsertOne(turn: Turn): Statement {
  const values = Object.values(knownProduct(turn))
  const set = columns.split(', ').map((column) => `${column} = excluded.${column}`)
  const text = `insert into "Product" (${columns}) values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (sku) do update set ${set.join(', ')} returning id`
  return { text, values }
}

function insertOrder(turn: Turn): Statement {
  const text = 'insert into "Order" ("customerId", total) values ($1, $2) returning id'
  return { text, values: [ownCustomer(turn), '12.5'] }
}

function restOfOrder(turn: Turn, order: number): Statement[] {
  const [id, customer] = [ownProduct(turn), ownCustomer(turn)]
  const { number } = turn
  return [
    { text: 'update "Product" set stock = stock - $1 where id = $2', values: [1, id] },
    { text: 'update "Product" set price = $1 where id = $2', values: [number % 100, id] },
    { text: 'update "Customer" set vip = $1 where id = $2', values: [number % 2 === 0, customer] },
    { text: 'update "Order" set status = $1, note = $2 where id = $3', values: ['PAID', 'paid', order] },
  ]
}

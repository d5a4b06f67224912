import fc from 'fast-check'

const actions = ['cascade', 'set null', 'set default'] as const
/** How many tables a graph has: t0, t1 and so on. */
export const tableCount = 4
const rowCount = 5

const action = fc.constantFrom(...actions)
const edge = fc.record({
  child: fc.nat(tableCount - 1),
  parent: fc.nat(tableCount - 1),
  onDelete: fc.oneof({ weight: 3, arbitrary: fc.constant('cascade' as const) }, action),
  onUpdate: fc.oneof({ weight: 3, arbitrary: fc.constant('cascade' as const) }, action),
  /** The keys of the rows that the child's rows refer to; 0 is none. */
  targets: fc.array(fc.nat(rowCount), { minLength: rowCount, maxLength: rowCount }),
  /** Whether the column is the child's key, to which others refer in turn. */
  isKey: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
})

/** Tables with foreign keys among them, rows, and statements on them. */
export const graph = fc.record({
  edges: fc.array(edge, { minLength: 1, maxLength: 6 }),
  generated: fc.boolean(),
  statements: fc.array(
    fc.record({
      root: fc.nat(tableCount - 1),
      rows: fc.subarray([1, 2, 3, 4, 5], { minLength: 1 }),
      verb: fc.constantFrom('delete', 'update'),
      returning: fc.boolean(),
    }),
    { minLength: 12, maxLength: 12 },
  ),
})

/** What {@link graph} makes. */
export type Graph = typeof graph extends fc.Arbitrary<infer Value> ? Value : never
/** One statement of a graph. */
export type Statement = Graph['statements'][number]

/** Tables t0…t3 with a referenced key `id` and a column for each other foreign key that leaves them. */
export function tablesOf({ edges, generated }: Graph): string {
  const tables = Array.from({ length: tableCount }, (_, at) => {
    const own = edges.flatMap(({ child, isKey }, n) => (child === at && !isKey ? [`f${n}`] : []))
    const columns = own.map((name, n) => `, ${name} int default ${n % 2 === 0 ? 5 : 'null'}`).join('')
    const sum = own.map((name) => `coalesce(${name}, 0)`).join(' + ')
    const total = generated && own.length > 0 ? `, total int generated always as (${sum}) stored` : ''
    return `create table t${at} (id int primary key, note text default 'n'${columns}${total})`
  })
  const keys = edges.map(
    ({ child, parent, onDelete, onUpdate, isKey }, n) =>
      `alter table t${child} add foreign key (${isKey ? 'id' : `f${n}`}) references t${parent} on delete ${onDelete} on update ${onUpdate}`,
  )
  return [...tables, ...keys].join(';\n')
}

/** Empties the tables and fills them, past all foreign keys. */
export function rowsOf({ edges }: Graph): string {
  const inserts = Array.from({ length: tableCount }, (_, at) => {
    const own = edges.flatMap((edge, n) => (edge.child === at && !edge.isKey ? [{ ...edge, n }] : []))
    const columns = ['id', ...own.map(({ n }) => `f${n}`)].join(', ')
    const rows = Array.from({ length: rowCount }, (_, row) => {
      const values = own.map(({ targets }) => targets[row] || 'null')
      return `(${[row + 1, ...values].join(', ')})`
    })
    return `delete from t${at}; insert into t${at} (${columns}) values ${rows.join(', ')}`
  })
  return `set session_replication_role = replica; ${inserts.join('; ')}; reset session_replication_role`
}

/** The statement as SQL. */
export function statementOf({ root, rows, verb, returning }: Statement): string {
  const where = `where id in (${rows.join(', ')})`
  const text =
    verb === 'delete' ? `delete from t${root} ${where}` : `update t${root} set id = id + 100 ${where}`
  return returning ? `${text} returning id` : text
}

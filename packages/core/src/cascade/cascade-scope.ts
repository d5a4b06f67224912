import type { Edge, ForeignKeys, ForeignKeyTable, Verb } from './foreign-keys.ts'

/** All that a write of one table may set off by foreign keys: what can be followed row by row, and what can only be announced. */
export interface CascadeScope {
  readonly table: ForeignKeyTable
  readonly verb: Verb
  /** The actions that are followed, in the order in which PostgreSQL fires them. */
  readonly followed: readonly Edge[]
  readonly announced: readonly Edge[]
  /** Tables whose rows are left to their capture triggers. */
  readonly left: readonly ForeignKeyTable[]
  /** Tables of which one row may be reached more than once by one statement. */
  readonly revisited: ReadonlySet<string>
  /** Every table on which the answer rests. */
  readonly relations: readonly string[]
  /** Those of them that have partitions, whose own triggers count too. */
  readonly partitioned: readonly string[]
}

/** Finds what a DELETE, or an UPDATE of referenced columns, may set off; `undefined` where no function could say more of it than the statement. */
export function cascadeScope(
  keys: ForeignKeys,
  table: ForeignKeyTable,
  verb: Verb,
): CascadeScope | undefined {
  const edges = reachedEdges(keys, table, verb)
  const announcedTables = tablesBeyondReach(keys, edges)
  const certain = keys.edges.filter((edge) => edges.has(edge) && !announcedTables.has(edge.child))
  const followed = leadingToEntries(keys, certain)
  const children = [...edges].map(({ child }) => child)
  const left = [...new Set(children)].flatMap((oid) => keys.tables.get(oid) ?? []).filter(isLeft)
  const announced = keys.edges.filter(
    (edge) =>
      edges.has(edge) && announcedTables.has(edge.child) && !left.some(({ oid }) => oid === edge.child),
  )
  // Where it can follow nothing, it still sees a key that a BEFORE trigger has assigned, which no statement says.
  const watches = verb === 'update' && table.changedBeforeUpdate && announced.length > 0
  // The rows of a table with capture triggers are left to these, and the statement says what else may change.
  if (isLeft(table) || (followed.length === 0 && !watches)) return undefined
  const relations = [...new Set([table.oid, ...children])].sort((a, b) => Number(a) - Number(b))
  return {
    table,
    verb,
    followed,
    announced,
    left,
    revisited: revisitedTables(table, followed),
    relations,
    partitioned: relations.filter((oid) => keys.tables.get(oid)?.partitioned === true),
  }
}

/** Whether the table's own capture triggers enter its rows, so that nothing else may. */
export function isLeft({ captured }: ForeignKeyTable): boolean {
  return captured === 'all'
}

/** The actions on tables whose rows get their entries here, and those through which they are reached. */
function leadingToEntries({ tables }: ForeignKeys, edges: readonly Edge[]): readonly Edge[] {
  const needed = new Set(edges.map(({ child }) => child))
  for (const oid of needed) {
    const table = tables.get(oid)
    if (table !== undefined && isLeft(table)) needed.delete(oid)
  }
  for (let grown = true; grown; ) {
    const size = needed.size
    for (const { parent, child } of edges) if (needed.has(child)) needed.add(parent)
    grown = needed.size > size
  }
  return edges.filter(({ child }) => needed.has(child))
}

/** Rows of a table that are deleted, or whose columns are assigned. */
interface Event {
  readonly oid: string
  readonly assigned: ReadonlySet<string> | 'gone'
}

function reachedEdges(keys: ForeignKeys, table: ForeignKeyTable, verb: Verb): ReadonlySet<Edge> {
  const reached = new Set<Edge>()
  const first = verb === 'delete' ? 'gone' : new Set(table.columns.map(({ name }) => name))
  const events: Event[] = [{ oid: table.oid, assigned: first }]
  for (let event = events.pop(); event !== undefined; event = events.pop()) {
    for (const edge of keys.edges) {
      if (reached.has(edge) || !firesOn(edge, event)) continue
      reached.add(edge)
      events.push({ oid: edge.child, assigned: assignedBy(keys, edge) })
    }
  }
  return reached
}

function firesOn(edge: Edge, { oid, assigned }: Event): boolean {
  if (edge.parent !== oid) return false
  if (assigned === 'gone') return edge.verb === 'delete'
  return edge.verb === 'update' && edge.columns.some(({ referenced }) => assigned.has(referenced))
}

function assignedBy({ tables }: ForeignKeys, { child, verb, action, assigned }: Edge): Event['assigned'] {
  if (verb === 'delete' && action === 'cascade') return 'gone'
  const table = tables.get(child)
  if (table === undefined) return new Set(assigned)
  // Rows that have capture triggers are not announced for the mere chance that a BEFORE trigger assigns more.
  const any = table.changedBeforeUpdate && !isLeft(table)
  const columns = table.columns.filter(
    ({ name, generated }) => any || generated !== null || assigned.includes(name),
  )
  return new Set(columns.map(({ name }) => name))
}

/** Whether an action deletes rows of the child rather than changing them. */
export function deletes({ verb, action }: Edge): boolean {
  return verb === 'delete' && action === 'cascade'
}

/**
 * Tables whose rows an action may change in a way that cannot be told beforehand, and all that lies behind them: what is
 * not certain about one row is not certain about those it takes along.
 */
function tablesBeyondReach(keys: ForeignKeys, edges: ReadonlySet<Edge>): ReadonlySet<string> {
  const beyond = new Set<string>()
  for (const edge of edges) if (!isCertain(keys, edge)) beyond.add(edge.child)
  for (const { child } of edges) if (overlapsAnother(keys, child, edges)) beyond.add(child)
  for (let grown = true; grown; ) {
    const size = beyond.size
    for (const { parent, child } of edges) if (beyond.has(parent)) beyond.add(child)
    grown = beyond.size > size
  }
  return beyond
}

function isCertain({ tables }: ForeignKeys, edge: Edge): boolean {
  const child = tables.get(edge.child)
  if (child === undefined || !child.plain || !child.seen || edge.ofPartition) return false
  if (child.captured === 'some') return false
  if (!edge.columns.every(({ sameText }) => sameText)) return false
  if (deletes(edge)) return !child.changedBeforeDelete
  return !child.changedBeforeUpdate && (edge.action !== 'set default' || hasPlainDefaults(child, edge))
}

/** A table and a partition of it name the same rows: seen from two sides they cannot be told apart. */
function overlapsAnother({ tables }: ForeignKeys, oid: string, edges: ReadonlySet<Edge>): boolean {
  return [...edges].some(
    ({ child, parent }) =>
      tables.get(oid)?.partitions.includes(child) === true ||
      tables.get(child)?.partitions.includes(oid) === true ||
      tables.get(parent)?.partitions.includes(oid) === true,
  )
}

// Nothing that is evaluated: PostgreSQL does it as another role, and perhaps with another result.
const plainDefault =
  /^(?:'(?:[^']|'')*'|\(?-?[0-9.]+\)?|NULL|true|false)(?:::[^()']+(?:\([0-9,]+\))?(?:\[\])*)?$/

function hasPlainDefaults(child: ForeignKeyTable, { assigned }: Edge): boolean {
  return assigned.every((name) => {
    const column = child.columns.find((each) => each.name === name)
    if (column === undefined || column.generated !== null) return false
    return column.default === null ? !column.typeDefault : plainDefault.test(column.default)
  })
}

function revisitedTables(table: ForeignKeyTable, followed: readonly Edge[]): ReadonlySet<string> {
  const revisited = new Set<string>()
  for (const { child } of followed) {
    const times = followed.filter((edge) => edge.child === child).length
    if (times > 1 || child === table.oid) revisited.add(child)
  }
  for (let grown = true; grown; ) {
    const size = revisited.size
    for (const { parent, child, verb } of followed)
      if (verb === 'update' && revisited.has(parent)) revisited.add(child)
    grown = revisited.size > size
  }
  return revisited
}

/** Whether an action may reach rows of the table that the statement writes. */
export function returnsTo({ table, followed }: CascadeScope): boolean {
  return followed.some(({ child }) => child === table.oid)
}

/**
 * Whether the rows of a statement may be followed one after the other. PostgreSQL acts on all of them level by level, so the order
 * counts where a row that is reached twice is not just deleted, and what is no row of the statement yet may become one.
 */
export function isRowByRow(scope: CascadeScope): boolean {
  const { table, followed, revisited } = scope
  if (followed.every(deletes)) return true
  if (returnsTo(scope)) return false
  const isFlat = followed.every(({ parent }) => parent === table.oid)
  return isFlat || followed.every((edge) => deletes(edge) || !revisited.has(edge.child))
}

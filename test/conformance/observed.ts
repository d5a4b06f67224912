import type { TestDatabase } from '../support/fresh-database.ts'

/** The fields of an image, in order, each value as the JSON text it was stored as. */
export type ImageFields = readonly (readonly [name: string, text: string])[]

/** An entry of the trail, with its images as stored. */
export interface ObservedEntry {
  readonly id: string
  readonly tx: string
  readonly op: string
  readonly table: string | null
  readonly key: string | null
  readonly before: string | null
  readonly after: string | null
  readonly beforeFields: ImageFields
  readonly afterFields: ImageFields
  readonly actor: string | null
  readonly correlationId: string | null
  /** The row whose deletion or new key changed this one by a foreign key; null for what a statement names. */
  readonly cause: { readonly schema: string; readonly table: string; readonly key: string | null } | null
  /** In how many places the sealer finds it: one row of the queue, or one link. */
  readonly places: number
}

/** A change of a row as the trigger saw it. */
export interface ObservedChange {
  readonly tx: string
  readonly statement: string
  /** Whether the database changed the row by itself, by a foreign key action or a trigger. */
  readonly caused: boolean
  readonly partitioned: boolean
  readonly op: string
  readonly table: string
  readonly key: string | null
  readonly before: string | null
  readonly after: string | null
  readonly beforeFields: ImageFields
  readonly afterFields: ImageFields
}

/** What a trail and a trigger have to say about the same work. */
export interface Observed {
  readonly entries: readonly ObservedEntry[]
  readonly changes: readonly ObservedChange[]
}

/** The operations whose entries hold a row. */
export const rowOps: ReadonlySet<string> = new Set(['insert', 'update', 'delete'])

const fields = (column: string) =>
  `coalesce((select json_agg(json_build_array(key, value::text)) from json_each(${column}::json)), '[]')`

const images = `before::text, after::text, ${fields('before')} as "beforeFields", ${fields('after')} as "afterFields"`

/** Reads the entries after a given one, in the order of their ids. */
export function readEntries(database: TestDatabase, after: string): Promise<ObservedEntry[]> {
  return database.query<ObservedEntry>(
    `select id::text, tx, op, table_schema || '.' || table_name as "table", row_key as key, ${images},
      actor_id as actor, correlation_id as "correlationId", context -> 'cause' as cause,
      (coalesce(queued.times, 0) + coalesce(linked.times, 0))::int as places
    from indelible.entry e
    left join (select id, count(*) as times from indelible.pending group by id) queued using (id)
    left join (select entry_id as id, count(*) as times from indelible.link group by entry_id) linked using (id)
    where id > $1 order by e.id`,
    [after],
  )
}

/** Reads the changes after a given one, transaction by transaction, in the order in which the trigger fired. */
export async function readChanges(database: TestDatabase, after: string): Promise<ObservedChange[]> {
  const changes = await database.query<Omit<ObservedChange, 'caused'>>(
    `select tx, statement, partitioned, op, table_schema || '.' || table_name as "table", row_key as key, ${images}
    from oracle.change c where n > $1 order by min(n) over (partition by tx), n`,
    [after],
  )
  const first = new Map<string, Omit<ObservedChange, 'caused'>>()
  return changes.map((change, at) => {
    const statement = `${change.tx} ${change.statement}`
    const movesRow = change.partitioned && change.op === 'delete' && changes[at + 1]?.op === 'insert'
    if (!first.has(statement)) first.set(statement, movesRow ? { ...change, op: 'update' } : change)
    return { ...change, caused: isCaused(change, first.get(statement) ?? change) }
  })
}

// The rows that a statement names come first, are of one table, and a statement that deletes does not update. What a trigger function
// is told does not tell: foreign key actions fire the triggers of their rows at the depth of the statement itself. A self
// reference whose action has the same verb as the statement is beyond this rule.
function isCaused(change: Omit<ObservedChange, 'caused'>, first: Omit<ObservedChange, 'caused'>): boolean {
  return change.table !== first.table || (first.op === 'delete' && change.op === 'update')
}

import type { TableName } from '../sql/plan-types.ts'

/** What a captured statement does to a table, before the number of its rows is known. */
export interface ExpectedChange {
  readonly oid: string
  readonly kind: 'insert' | 'update' | 'delete' | 'upsert'
  /** Whether it is an INSERT with ON CONFLICT, which may insert a row and take it back. */
  readonly conflict: boolean
  /** Tables whose rows foreign key actions may change along with it. */
  readonly effects: readonly TableName[]
}

/** Inserted, updated, deleted and upserted rows of a table, and 1 where an INSERT had ON CONFLICT: as the server takes it. */
type Counts = readonly [insert: number, update: number, remove: number, upsert: number, conflict: 0 | 1]

interface State {
  /** Resolves when the server has marked where the transaction began; `undefined` before it was asked to. */
  readonly mark: Promise<unknown> | undefined
  readonly rows: ReadonlyMap<string, Counts>
  readonly announced: readonly TableName[]
}

/** The rows that were captured in one transaction, as far as they were not rolled back. */
export interface ChangeLedger {
  readonly isMarked: boolean
  /** Has the server mark where the transaction began, once. */
  mark(ask: () => Promise<unknown>): Promise<unknown>
  add(change: ExpectedChange, rows: number): void
  /** Notes tables whose changes an entry has announced. */
  announce(tables: readonly TableName[]): void
  /** Counts a statement as under way until it is answered. */
  follow<Result>(result: Promise<Result>): Promise<Result>
  /** Resolves when no statement is under way. */
  settled(): Promise<void>
  savepoint(name: string): void
  /** Whether the mark was set before a savepoint, and so holds after a rollback to it. */
  holdsAt(name: string): boolean
  rollbackTo(name: string): void
  release(name: string): void
  /** What was captured and announced so far, as JSON for the server. */
  captured(): string
  announced(): string
  /** Begins anew, behind a comparison: the server has marked the place itself, or has lost the mark. */
  reset(state: { readonly isMarked: boolean }): void
}

const empty: State = { mark: undefined, rows: new Map(), announced: [] }

/** Creates the ledger of a transaction. */
export function createChangeLedger(): ChangeLedger {
  let state = empty
  let savepoints: readonly { readonly name: string; readonly state: State }[] = []
  const underWay = new Set<Promise<unknown>>()

  return {
    get isMarked() {
      return state.mark !== undefined
    },
    mark(ask) {
      if (state.mark !== undefined) return state.mark
      const mark = ask().catch((error) => {
        if (state.mark === mark) state = { ...state, mark: undefined }
        throw error
      })
      state = { ...state, mark }
      return mark
    },
    add(change, rows) {
      const counts = state.rows.get(change.oid) ?? noRows
      state = { ...state, rows: new Map(state.rows).set(change.oid, addRows(counts, change, rows)) }
    },
    announce(tables) {
      const unknown = tables.filter((table) => !state.announced.some((known) => isSame(known, table)))
      if (unknown.length > 0) state = { ...state, announced: [...state.announced, ...unknown] }
    },
    follow(result) {
      const ended = result.then(ignore, ignore).then(() => void underWay.delete(ended))
      underWay.add(ended)
      return result
    },
    settled: async () => void (await Promise.all(underWay)),
    savepoint(name) {
      savepoints = [...savepoints, { name, state }]
    },
    holdsAt: (name) => savepoints.findLast((savepoint) => savepoint.name === name)?.state.mark !== undefined,
    rollbackTo(name) {
      const index = savepoints.findLastIndex((savepoint) => savepoint.name === name)
      state = savepoints[index]?.state ?? empty
      savepoints = savepoints.slice(0, index + 1)
    },
    release(name) {
      const index = savepoints.findLastIndex((savepoint) => savepoint.name === name)
      savepoints = savepoints.slice(0, Math.max(index, 0))
    },
    captured: () => JSON.stringify(Object.fromEntries(state.rows)),
    announced: () => JSON.stringify(state.announced.map(({ schema, name }) => ({ schema, name }))),
    reset({ isMarked }) {
      state = { ...empty, mark: isMarked ? state.mark : undefined }
      savepoints = []
    },
  }
}

const noRows: Counts = [0, 0, 0, 0, 0]
const places = { insert: 0, update: 1, delete: 2, upsert: 3 } as const

function addRows(counts: Counts, { kind, conflict }: ExpectedChange, rows: number): Counts {
  const [inserts, updates, deletes, upserts, hadConflict] = counts.map((count, place) =>
    place === places[kind] ? count + rows : count,
  ) as [number, number, number, number, 0 | 1]
  return [inserts, updates, deletes, upserts, conflict ? 1 : hadConflict]
}

function isSame(one: TableName, other: TableName): boolean {
  return one.name === other.name && one.schema === other.schema
}

function ignore(): void {}

import type { Verb } from '../cascade/foreign-keys.ts'
import { AuditError } from '../errors.ts'
import type { TableName } from '../sql/plan-types.ts'
import type { AuditQueryable } from '../store/audit-database.ts'
import { type ActiveNames, loadActiveNames } from './active-names.ts'
import type { ResolvedCaptureOptions } from './capture-options.ts'
import { type Cascade, cascadesByTable, type FoundFunction } from './catalog-cascades.ts'
import { catalogQuery } from './catalog-query.ts'

/** A column as the rewriter needs it. */
export interface Column {
  readonly name: string
  /** The type, quoted and with its schema, without a modifier. */
  readonly type: string
  readonly generated: boolean
  /** Whether it is generated when it is read (PostgreSQL 18): triggers see null. */
  readonly virtual: boolean
  /** Whether its JSON form can hold keys: json, jsonb, hstore and composite types. */
  readonly holdsDocument: boolean
  /** Whether settings of the session change how a value looks: as text and in JSON, or as text only. */
  readonly looks: 'plain' | 'plain in json' | 'varies'
  /** Whether assigning the column to itself has no effect at all: no key, no trigger, no partition, a right to do so. */
  readonly idle: boolean
}

/** A table whose rows a foreign key action may change. One letter for each action, as in `pg_constraint`. */
export interface ChildTable {
  readonly schema: string
  readonly name: string
  readonly onDelete: string
  readonly onUpdate: string
  /** Columns of the child that make up the key. */
  readonly columns: readonly string[]
  /** Columns of the parent that the key refers to, and those from which PostgreSQL generates them. */
  readonly referenced: readonly string[]
}

/** A trigger of the application's own. */
export interface UserTrigger {
  readonly name: string
  /** Whether it may fire before the statement has returned a row: BEFORE, INSTEAD OF and statement triggers. */
  readonly early: boolean
}

/** A relation, seen with the rights of the connection's own role. */
export interface Table {
  readonly oid: string
  readonly schema: string
  readonly name: string
  /** `pg_class.relkind`: r table, p partitioned table, v view, m materialised view, f foreign table. */
  readonly kind: string
  /** Whether other tables inherit from it, so that a statement on it may change rows of theirs. */
  readonly inherited: boolean
  readonly columns: ReadonlyMap<string, Column>
  /** Columns of the primary key, else of the first unique key without nulls, in key order; empty without either. */
  readonly key: readonly string[]
  /** Whether a BEFORE ROW UPDATE trigger may change columns that SET does not name. */
  readonly changedBeforeUpdate: boolean
  readonly rowSecurity: boolean
  readonly readable: boolean
  /** Whether a rule rewrites INSERT, UPDATE or DELETE. */
  readonly ruled: boolean
  /** Whether capture triggers of ours see every row that a statement on it changes, those of tables that inherit from it included. */
  readonly captured: boolean
  /** Whether a capture trigger says when it is emptied by TRUNCATE. */
  readonly truncateCaptured: boolean
  /** The application's own triggers, those of its partitions and of tables that inherit from it included. */
  readonly triggers: readonly UserTrigger[]
  readonly children: readonly ChildTable[]
  /** The partitioned tables that its rows belong to, the outermost first; null where it is no partition. */
  readonly partitionOf: readonly TableName[] | null
  /** What follows the foreign key actions of a write row by row, where that is made for the tables as they are. */
  readonly cascades?: Readonly<Partial<Record<Verb, Cascade>>>
}

/** What a connection knows about its database. Immutable: a change of the schema makes a new one. */
export interface Catalog {
  /** `server_version_num`, for example 180004. */
  readonly version: number
  /** The text it was read from: equal texts mean equal catalogs. */
  readonly text: string
  /** Whether any table has a capture trigger, so that every statement which may set one off sends its context along. */
  readonly captureTriggers: boolean
  /** The tables whose rows are left to capture triggers. */
  readonly captured: readonly TableName[]
  /** Finds a relation as PostgreSQL would, through the search path of the connection that loaded the catalog. */
  find(name: TableName): Table | undefined
  /** Names of functions that may write, and of relations whose use may call one. Empty unless it was asked for. */
  readonly active: ReadonlySet<string>
  /** Names of functions that may change settings, and of relations whose use may call one, with these settings. */
  readonly setters: ReadonlyMap<string, readonly string[]>
}

interface CatalogDocument {
  readonly version: number
  readonly standardStrings: boolean
  readonly exactFloats: boolean
  readonly searchPath: readonly string[]
  readonly captureTriggers: boolean
  readonly tables: readonly (Omit<Table, 'columns' | 'cascades'> & { readonly columns: readonly Column[] })[]
  readonly cascades: readonly FoundFunction[]
}

const oldestVersion = 150000

/**
 * Reads the catalog in one query.
 *
 * @throws AuditError `AUDIT_DATABASE_UNSUPPORTED` before PostgreSQL 15, and under settings that change what texts mean.
 */
export async function loadCatalog(
  database: AuditQueryable,
  { completeness }: Pick<ResolvedCaptureOptions, 'completeness'> = { completeness: 'off' },
): Promise<Catalog> {
  const [row] = await database.query(catalogQuery)
  const document = row?.['catalog'] ?? '{}'
  const catalog = JSON.parse(document) as CatalogDocument
  requireSupported(catalog)
  const { write, settings } = await loadActiveNames(database, completeness !== 'off')
  const text = document + JSON.stringify([write, settings])
  const { version, searchPath, captureTriggers } = catalog
  const bySchema = groupBySchema(catalog)
  return {
    version,
    text,
    active: new Set(write),
    setters: settingsByName(settings),
    captureTriggers,
    captured: catalog.tables.filter((table) => table.captured).map(({ schema, name }) => ({ schema, name })),
    find({ schema, name }) {
      if (schema !== undefined) return bySchema.get(schema)?.get(name)
      for (const candidate of searchPath) {
        const table = bySchema.get(candidate)?.get(name)
        if (table !== undefined) return table
      }
      return undefined
    },
  }
}

function settingsByName(settings: ActiveNames['settings']): ReadonlyMap<string, readonly string[]> {
  const byName = new Map<string, readonly string[]>()
  for (const [setting, names] of Object.entries(settings)) {
    for (const name of names) byName.set(name, [...(byName.get(name) ?? []), setting])
  }
  return byName
}

function requireSupported({ version, standardStrings, exactFloats }: CatalogDocument): void {
  if (!(version >= oldestVersion)) throw unsupported('Indelible needs PostgreSQL 15 or newer.')
  if (!standardStrings) {
    throw unsupported(
      'Indelible needs standard_conforming_strings = on: without it a string may hide a statement.',
    )
  }
  if (!exactFloats) {
    throw unsupported(
      'Indelible needs extra_float_digits above 0: below it two different numbers have one text.',
    )
  }
}

function unsupported(message: string): AuditError {
  return new AuditError('AUDIT_DATABASE_UNSUPPORTED', message)
}

function groupBySchema({ tables, cascades }: CatalogDocument): Map<string, Map<string, Table>> {
  const bySchema = new Map<string, Map<string, Table>>()
  const cascadesOf = cascadesByTable(cascades)
  for (const table of tables) {
    const columns = new Map(table.columns.map((column) => [column.name, column]))
    const names = bySchema.get(table.schema) ?? new Map<string, Table>()
    bySchema.set(table.schema, names.set(table.name, { ...table, columns, cascades: cascadesOf(table) }))
  }
  return bySchema
}

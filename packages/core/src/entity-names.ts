import type { TableName } from './sql/plan-types.ts'
import type { AuditEntry } from './store/audit-entry.ts'

/** An entity of an ORM and the table under it. */
export interface Entity {
  readonly name: string
  /** `*` where every schema may have a table of it. @default the one in which the database finds the name of the table */
  readonly schema?: string
  readonly table: string
  /** Property by column, where the two differ. */
  readonly properties: ReadonlyMap<string, string>
}

/** The names an ORM gives to tables and columns. Entries store the database's names. */
export interface EntityNames {
  /** Finds an entity by its own name. */
  byEntity(name: string): Entity | undefined
  /** Finds an entity by its table. */
  byTable(schema: string | null, table: string, locate?: LocateTable): Entity | undefined
}

/** Finds a table by its name as the database does, through the search path. */
export type LocateTable = (name: TableName) => { readonly schema: string } | undefined

/** An entry as an application reads it: with the names of its ORM beside those of the database. */
export interface NamedEntry extends AuditEntry {
  /** The entity of the row, or null for a table that the ORM does not know. */
  readonly entity: string | null
}

/** Creates the names of a list of entities. */
export function createEntityNames(entities: readonly Entity[]): EntityNames {
  const byName = new Map(entities.map((entity) => [entity.name, entity]))
  return {
    byEntity: (name) => byName.get(name),
    byTable: (schema, table, locate) => {
      const named = entities.filter((entity) => entity.table === table)
      return named.find((entity) => (schemaOf(entity, locate) ?? schema) === schema)
    },
  }
}

/** The schema of an entity's table; `undefined` where it may be any, or is not known. */
export function schemaOf(
  { schema, table }: Pick<Entity, 'schema' | 'table'>,
  locate: LocateTable = () => undefined,
): string | undefined {
  return schema === '*' ? undefined : (schema ?? locate({ name: table })?.schema)
}

/** Gives an entry the names of the ORM: the entity, and properties in place of columns. */
export function nameEntry(entry: AuditEntry, names: EntityNames, locate: LocateTable): NamedEntry {
  const { tableSchema, tableName } = entry
  const entity = tableName === null ? undefined : names.byTable(tableSchema, tableName, locate)
  if (entity === undefined) return { ...entry, entity: null }
  return {
    ...entry,
    entity: entity.name,
    before: nameFields(entry.before, entity),
    after: nameFields(entry.after, entity),
  }
}

function nameFields(image: AuditEntry['before'], { properties }: Entity): AuditEntry['before'] {
  if (image === null || properties.size === 0) return image
  return Object.fromEntries(
    Object.entries(image).map(([column, value]) => [properties.get(column) ?? column, value]),
  )
}

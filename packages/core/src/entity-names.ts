import type { AuditEntry } from './store/audit-entry.ts'

/** An entity of an ORM and the table under it. */
export interface Entity {
  readonly name: string
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
  byTable(schema: string | null, table: string): Entity | undefined
}

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
    byTable: (schema, table) =>
      entities.find((entity) => entity.table === table && (entity.schema ?? schema) === schema),
  }
}

/** Gives an entry the names of the ORM: the entity, and properties in place of columns. */
export function nameEntry(entry: AuditEntry, names: EntityNames): NamedEntry {
  const entity = entry.tableName === null ? undefined : names.byTable(entry.tableSchema, entry.tableName)
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

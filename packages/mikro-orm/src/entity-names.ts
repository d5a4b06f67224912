import { createEntityNames, type Entity, type EntityNames } from '@indelible/core'
import type { EntityMetadata, EntityProperty } from '@mikro-orm/core'

/**
 * Reads how entities and properties are called in the database: pivot tables, both kinds of inheritance and embeddables (as
 * `address.city`) included. A column of a relation with several columns keeps its own name.
 *
 * @param defaultSchema The `schema` of the configuration.
 */
export function entityNames(metadata: Iterable<EntityMetadata>, defaultSchema?: string): EntityNames {
  const stored = [...metadata].filter(({ virtual, embeddable }) => !virtual && !embeddable)
  stored.sort((a, b) => rank(a) - rank(b))
  return createEntityNames(stored.map((meta) => toEntity(meta, defaultSchema)))
}

/** The first entity that fits a table gives it its name: one that tells its schema, then the root of those in a single table. */
function rank(meta: EntityMetadata): number {
  return (meta.schema === '*' ? 2 : 0) + (meta.root === meta ? 0 : 1)
}

function toEntity(meta: EntityMetadata, defaultSchema: string | undefined): Entity {
  const schema = meta.schema ?? defaultSchema
  return {
    name: meta.className,
    table: meta.tableName,
    ...(schema !== undefined && { schema }),
    properties: new Map(meta.props.flatMap((prop) => renamed(prop, meta))),
  }
}

function renamed(prop: EntityProperty, meta: EntityMetadata): [column: string, property: string][] {
  const [column, ...more] = prop.fieldNames ?? []
  if (column === undefined || more.length > 0 || prop.persist === false) return []
  const property = pathOf(prop, meta)
  return property === column ? [] : [[column, property]]
}

function pathOf({ name, embedded }: EntityProperty, meta: EntityMetadata): string {
  const [parent, child] = embedded ?? []
  const holder: EntityProperty | undefined = meta.properties[parent ?? '']
  return holder === undefined ? name : `${pathOf(holder, meta)}.${child}`
}

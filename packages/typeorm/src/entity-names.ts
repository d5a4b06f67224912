import { createEntityNames, type Entity, type EntityNames } from '@indelible/core'
import type { DataSource, EntityMetadata } from 'typeorm'

/** Reads how entities and properties are called in the database, those of junction and closure tables too. */
export function entityNames({ entityMetadatas }: Pick<DataSource, 'entityMetadatas'>): EntityNames {
  const tables = entityMetadatas.filter(({ tableType }) => tableType !== 'view')
  // Entities of one table: the root of the inheritance tells its name, for it knows the columns of all.
  const roots = tables.filter(({ tableType }) => tableType !== 'entity-child')
  const children = tables.filter(({ tableType }) => tableType === 'entity-child')
  return createEntityNames([...roots, ...children].map(toEntity))
}

/** Properties are told by path: `author.home.city` of an embedded one, `category.id` of a relation without a property of its own. */
function toEntity({ name, schema, tableName, columns }: EntityMetadata): Entity {
  const paths = columns.map(({ databaseName, propertyPath }) => [databaseName, propertyPath] as const)
  const renamed = paths.filter(([column, path]) => column !== path)
  return { name, ...(schema && { schema }), table: tableName, properties: new Map(renamed) }
}

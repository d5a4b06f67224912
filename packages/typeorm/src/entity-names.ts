import { createEntityNames, type Entity, type EntityNames } from '@indelible/core'
import type { DataSource, EntityMetadata } from 'typeorm'

type ColumnMetadata = EntityMetadata['columns'][number]

/** Reads how entities and properties are called in the database, those of junction and closure tables too. */
export function entityNames({ entityMetadatas }: Pick<DataSource, 'entityMetadatas'>): EntityNames {
  const tables = entityMetadatas.filter(({ tableType }) => tableType !== 'view')
  // Entities of one table: the root of the inheritance tells its name, for it knows the columns of all.
  const roots = tables.filter(({ tableType }) => tableType !== 'entity-child')
  const children = tables.filter(({ tableType }) => tableType === 'entity-child')
  return createEntityNames([...roots, ...children].map(toEntity))
}

function toEntity({ name, schema, tableName, columns }: EntityMetadata): Entity {
  return { name, ...(schema && { schema }), table: tableName, properties: renamedColumns(columns) }
}

function renamedColumns(columns: readonly ColumnMetadata[]): Map<string, string> {
  const names = columns.map((column) => [column.databaseName, propertyOf(column)] as const)
  return new Map(names.filter(([column, property]) => column !== property))
}

/** A join column without a property of its own is named as a condition on it is written: `category.id`. */
function propertyOf({ propertyPath, isVirtual, relationMetadata, referencedColumn }: ColumnMetadata): string {
  return isVirtual && relationMetadata && referencedColumn
    ? `${relationMetadata.propertyPath}.${referencedColumn.propertyPath}`
    : propertyPath
}

import { createEntityNames, type EntityNames } from '@indelible/core'

/** The names inside a Prisma client: the part of its `_runtimeDataModel` that is read. */
interface RuntimeModelLike {
  readonly dbName?: string | null
  readonly schema?: string | null
  readonly fields?: readonly { readonly name: string; readonly dbName?: string | null }[]
}

/**
 * Reads how models and fields are called in the database. Prisma 7 offers no public way to it; where the property is
 * absent, entries simply carry the database's names.
 *
 * @param defaultSchema The schema that Prisma writes in front of a table whose model names none.
 */
export function modelNames(client: object, defaultSchema = 'public'): EntityNames {
  const { _runtimeDataModel: dataModel } = client as {
    readonly _runtimeDataModel?: { readonly models?: Readonly<Record<string, RuntimeModelLike>> }
  }
  return createEntityNames(
    Object.entries(dataModel?.models ?? {}).map(([name, model]) => ({
      name,
      table: model.dbName ?? name,
      schema: model.schema ?? defaultSchema,
      properties: renamedFields(model),
    })),
  )
}

function renamedFields({ fields = [] }: RuntimeModelLike): Map<string, string> {
  return new Map(fields.flatMap(({ name, dbName }) => (dbName == null ? [] : [[dbName, name]])))
}

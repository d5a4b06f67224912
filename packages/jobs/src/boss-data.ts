/** The fields of a job's data that hold the context and, where the data has no fields, the data. */
const contextField = '__indelible'
const dataField = '__data'

/** A job's data, and the context that it carried. */
export interface UnpackedData {
  readonly data: unknown
  readonly context?: unknown
}

/**
 * Adds a context to a job's data, which stays readable for other programs: as a field of its own. Where the data is no plain object (`null`, an
 * array), or has a field by that name, it becomes a field, too.
 */
export function packData(data: unknown, context: string): object {
  const json = toJson(unpackData(data).data)
  if (!isPlain(json) || Object.hasOwn(json, dataField)) {
    return { [contextField]: context, [dataField]: json ?? null }
  }
  return { ...json, [contextField]: context }
}

/** Takes both apart again. */
export function unpackData(data: unknown): UnpackedData {
  if (!isPlain(data) || !Object.hasOwn(data, contextField)) return { data }
  const { [contextField]: context, ...rest } = data
  return { context, data: Object.hasOwn(rest, dataField) ? rest[dataField] : rest }
}

function isPlain(data: unknown): data is Readonly<Record<string, unknown>> {
  return data !== null && typeof data === 'object' && !Array.isArray(data)
}

/** pg-boss writes data as JSON.stringify does, which asks an object with `toJSON`. */
function toJson(data: unknown): unknown {
  if (!isPlain(data) || typeof data['toJSON'] !== 'function') return data
  return JSON.parse(JSON.stringify(data) ?? 'null')
}

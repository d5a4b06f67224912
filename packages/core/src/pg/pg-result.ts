import type { PositionOf, RewrittenWrite } from '../capture/capture-target.ts'
import type { PgResult } from './pg-client.ts'

const ours = '__indelible'

/** Makes the result of a rewritten statement that of the application's own: in place, it is nobody else's yet. */
export function restoreResult(result: PgResult, { verb, returning }: RewrittenWrite): PgResult {
  // The form for all rows at once is a SELECT to the server, with a row for each one written.
  result.command = verb.toUpperCase()
  result.oid = verb === 'insert' ? 0 : null
  if (!returning) return Object.assign(result, { rows: [], fields: [] })
  result.fields.pop()
  for (const row of result.rows) takeOff(row)
  return result
}

function takeOff(row: unknown): void {
  if (Array.isArray(row)) row.pop()
  else if (typeof row === 'object' && row !== null) Reflect.deleteProperty(row, ours)
}

/** Makes the place of an error the one in the application's own text. */
export function restoreError(error: unknown, positionOf: PositionOf): unknown {
  if (typeof error === 'object' && error !== null && 'position' in error && error.position !== undefined) {
    error.position = positionOf(Number(error.position))?.toString()
  }
  return error
}

import type { PositionOf, RewrittenWrite } from '../capture/capture-target.ts'
import type { PgResult } from './pg-client.ts'

/** Makes the result of a rewritten statement that of the application's own: in place, it is nobody else's yet. */
export function restoreResult(result: PgResult, { verb, returning }: RewrittenWrite): PgResult {
  // The form for all rows at once is a SELECT to the server, with a row for each one written.
  result.command = verb.toUpperCase()
  result.oid = verb === 'insert' ? 0 : null
  if (!returning) return Object.assign(result, { rows: [], fields: [] })
  const own = result.fields.pop()
  if (own !== undefined) for (const row of result.rows) takeOff(row, own.name)
  return result
}

function takeOff(row: unknown, own: string): void {
  if (Array.isArray(row)) row.pop()
  else if (typeof row === 'object' && row !== null) Reflect.deleteProperty(row, own)
}

interface PlacedError {
  position: string
  length: number
}

/** Makes the place of an error the one in the application's own text. */
export function restoreError(error: unknown, positionOf: PositionOf): unknown {
  if (!hasPosition(error)) return error
  const position = positionOf(Number(error.position))?.toString()
  // `length` is that of the server's message, which tells the place in digits.
  if (position !== undefined) error.length += position.length - error.position.length
  Object.assign(error, { position })
  return error
}

function hasPosition(error: unknown): error is PlacedError {
  return (
    typeof error === 'object' && error !== null && 'position' in error && typeof error.position === 'string'
  )
}

/** The SQLSTATE and the server's message inside an error of a driver adapter (`DriverAdapterError`). */
export function describeDriverError(error: unknown): { readonly code?: string; readonly message: string } {
  const cause = fieldsOf(fieldsOf(error)['cause'])
  const code = cause['originalCode'] ?? cause['code']
  const message = cause['originalMessage'] ?? cause['message'] ?? fieldsOf(error)['message']
  return { ...(typeof code === 'string' && { code }), message: String(message) }
}

/** Whether the adapter could not read the answer to a statement: it has no form for the type of one of its columns. */
export function isUnreadAnswer(error: unknown): boolean {
  return fieldsOf(fieldsOf(error)['cause'])['kind'] === 'UnsupportedNativeDataType'
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {}
}

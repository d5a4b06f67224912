/** Tells what keeps a value from being an audit context, in a sentence that repeats none of its values. */
export function findContextFault(context: unknown): string | undefined {
  if (!isRecord(context)) {
    return 'The audit context must be an object, for example { actor: { id: "u_42" } }.'
  }
  const { actor } = context
  if (actor !== undefined && !isActor(actor)) {
    return 'The actor of an audit context must be an object with a string id that is not empty.'
  }
  const field = textFields.find((name) => context[name] !== undefined && typeof context[name] !== 'string')
  return field && `The ${field} of an audit context must be a string.`
}

const textFields = ['correlationId', 'tenant', 'action', 'reason'] as const

function isActor(actor: unknown): boolean {
  if (!isRecord(actor) || typeof actor['id'] !== 'string' || actor['id'].trim() === '') return false
  return actor['type'] === undefined || typeof actor['type'] === 'string'
}

/** Whether a value is an object with named fields, as JSON has them. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

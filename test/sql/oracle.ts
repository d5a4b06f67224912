import { loadModule, parseSync } from 'libpg-query'

await loadModule()

/** A node of PostgreSQL's syntax tree, as JSON. */
export type Node = { readonly [field: string]: unknown }

/** Parses a text with PostgreSQL's own grammar: one node for each statement, `undefined` if the text is no SQL. */
export function tryParse(sql: string): readonly Node[] | undefined {
  try {
    const statements = listAt(parseSync(sql), 'stmts')
    return statements.map((statement) => nodeAt(statement, 'stmt'))
  } catch {
    return undefined
  }
}

/** The value at a path of fields, `undefined` where the path leads nowhere. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, field) => (isNode(inner) ? inner[field] : undefined), value)
}

/** The node at a path, empty where there is none. */
export function nodeAt(value: unknown, ...path: readonly string[]): Node {
  const found = valueAt(value, ...path)
  return isNode(found) ? found : {}
}

/** The list at a path, empty where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The text at a path, `undefined` where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path)
  return typeof found === 'string' ? found : undefined
}

/** The syntax tree without the places of its nodes in the text, its fields in alphabetical order. */
export function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shapeOf).join()}]`
  if (!isNode(value)) return JSON.stringify(value) ?? 'nothing'
  const fields = Object.keys(value).filter((field) => value[field] !== undefined && !PLACES.test(field))
  return `{${fields
    .sort()
    .map((field) => `${field}:${shapeOf(value[field])}`)
    .join()}}`
}

// A list remembers where its brackets stand.
const PLACES = /location$|^(rexpr_)?list_(start|end)$/

/** Finds all nodes of a kind, however deep. */
export function findAll(value: unknown, kind: string): readonly Node[] {
  if (Array.isArray(value)) return value.flatMap((item) => findAll(item, kind))
  if (!isNode(value)) return []
  return Object.entries(value).flatMap(([field, inner]) => [
    ...(field === kind ? [isNode(inner) ? inner : {}] : []),
    ...findAll(inner, kind),
  ])
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

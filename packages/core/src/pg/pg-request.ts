import type { RequestChange } from '../capture/capture-target.ts'
import type { PgCallback, PgQueryConfig } from './pg-client.ts'

/** One call of `client.query(text | config, values?, callback?)`. */
export interface PgRequest {
  /** What the application gave; whatever is not named here is delegated to it. */
  readonly config: PgQueryConfig
  readonly text: string
  readonly values: readonly unknown[]
  readonly name: unknown
  readonly callback: PgCallback | undefined
}

/**
 * Reads a call; `undefined` for one that node-postgres is to refuse.
 *
 * @param texts What the client was told to prepare: a later call may give the name alone.
 */
export function tryReadRequest(args: readonly unknown[], texts: Map<unknown, string>): PgRequest | undefined {
  const [first, second, third] = args
  const config: PgQueryConfig | undefined = typeof first === 'string' ? { text: first } : toConfig(first)
  if (config === undefined) return undefined
  const { name, text = texts.get(name), values = [], callback } = withArguments(config, second, third)
  if (typeof text !== 'string' || !Array.isArray(values)) return undefined
  if (name !== undefined) texts.set(name, text)
  return { config, text, values, name, callback: toCallback(callback) }
}

function toConfig(value: unknown): PgQueryConfig | undefined {
  return typeof value === 'object' && value !== null ? value : undefined
}

/** Later arguments win over the members of the first, as in node-postgres. */
function withArguments(config: PgQueryConfig, second: unknown, third: unknown): PgQueryConfig {
  const { name, text } = config
  const values = (typeof second === 'function' ? undefined : second) || config.values || undefined
  const callback = third || (typeof second === 'function' ? second : config.callback)
  return { name: name || undefined, text: text || undefined, values, callback }
}

function toCallback(callback: unknown): PgCallback | undefined {
  // One-line bridge: what a function given as callback takes is for its caller to know.
  return typeof callback === 'function' ? (callback as PgCallback) : undefined
}

/** The same call with another text, further values, and a name of ours or none. */
export function rewriteRequest(request: PgRequest, { sql, parameters, name }: RequestChange): PgRequest {
  return { ...request, text: sql, values: [...request.values, ...parameters], name }
}

/** The call as node-postgres takes it when it is to answer with a promise. */
export function toPgConfig({ config, text, values, name }: PgRequest): object {
  const changed = { text, values: values.length === 0 ? undefined : values, name, callback: undefined }
  return isPlain(config) ? { ...config, ...changed } : delegateTo(config, changed)
}

function isPlain(config: PgQueryConfig): boolean {
  return Object.getPrototypeOf(config) === Object.prototype
}

/** An object of a class may have what node-postgres reads as getters. Making it a prototype costs ten times a copy. */
function delegateTo(config: PgQueryConfig, changed: object): object {
  const descriptors = Object.entries(changed).map(([key, value]) => [key, { value, writable: true }] as const)
  return Object.create(config, Object.fromEntries(descriptors))
}

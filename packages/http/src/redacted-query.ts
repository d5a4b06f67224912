import { cutText, decoded, masked, maskSecretText, type SecretNames } from './secret-text.ts'

/** A query by name; a name that came several times has several values. It has no prototype. */
export type RedactedQuery = Readonly<Record<string, string | readonly string[]>>

/** How much of a query is kept. */
export interface QueryLimits {
  /** Parameters. @default 100 */
  readonly count?: number
  /** Characters of a name or value. @default 500 */
  readonly length?: number
}

/** Stands in the place of a name where parameters were left out. */
const leftOut = '[left out]'
// As much as Node.js accepts as a request line, in all its headers together.
const longestText = 16_384

/**
 * Parses the query of a request target, with the values of secret names masked, and those that show by themselves what they are
 * (see {@link maskSecretText}). Escapes that are malformed stay as they are. Returns `undefined` where there is no query.
 */
export function redactQuery(
  url: string,
  names: SecretNames,
  { count = 100, length = 500 }: QueryLimits = {},
): RedactedQuery | undefined {
  const pairs = queryOf(url)
    .split('&')
    .filter((pair) => pair !== '')
  if (pairs.length === 0) return undefined
  const query: Record<string, string | string[]> = Object.create(null)
  for (const pair of pairs.slice(0, count)) {
    const [name, value] = split(pair)
    const shown =
      value !== '' && names.isSecret(name) ? masked : cutText(maskSecretText(value, names), length)
    append(query, cutText(maskSecretText(name, names), length), shown)
  }
  if (pairs.length > count) append(query, leftOut, String(pairs.length - count))
  return query
}

/** Masks what a path shows to be secret. A secret that is a step of the path (`/reset/4f1c…`) looks like any other, and stays. */
export function redactPath(path: string, names: SecretNames, length = 2000): string {
  return cutText(maskSecretText(path.slice(0, longestText), names), length)
}

function queryOf(url: string): string {
  const [target = ''] = url.split('#', 1)
  const start = target.indexOf('?')
  return start < 0 ? '' : target.slice(start + 1, start + 1 + longestText)
}

// As forms write it: a plus is a space, a name without `=` has an empty value (WHATWG URL, 5.1).
function split(pair: string): readonly [string, string] {
  const [name = '', ...value] = pair.replaceAll('+', ' ').split('=')
  return [decoded(name), decoded(value.join('='))]
}

function append(query: Record<string, string | string[]>, name: string, value: string): void {
  const known = query[name]
  if (known === undefined) query[name] = value
  else if (typeof known === 'string') query[name] = [known, value]
  else known.push(value)
}

// Strings are matched whole, so that what stands in them opens and closes nothing.
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g

/**
 * Splits the JSON text of an object into its fields, each value as it stands in the text: `1.50` stays `1.50`. What is no object
 * is one field, `value`. Of several equal keys the last one counts.
 */
export function splitFields(text: string): ReadonlyMap<string, string> {
  if (!text.trimStart().startsWith('{')) return new Map([['value', text]])
  const fields = new Map<string, string>()
  let depth = 0
  let key: string | undefined
  let start = 0
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (token === '}' || token === ']') depth -= 1
    if (key !== undefined && ((depth === 0 && token === '}') || (depth === 1 && token === ','))) {
      fields.set(key, text.slice(start, index).trim())
      key = undefined
    } else if (depth === 1 && key === undefined && token.startsWith('"')) {
      key = JSON.parse(token) as string
      start = text.indexOf(':', index + token.length) + 1
    }
    if (token === '{' || token === '[') depth += 1
  }
  return fields
}

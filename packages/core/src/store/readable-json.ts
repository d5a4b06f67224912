// \u0000, and halves of surrogate pairs: a high one without a low one behind it, a low one without a high one before it.
const unreadable = String.raw`\\u0000|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]`

/**
 * The SQL expression that yields a JSON value where PostgreSQL can look into it, else null. It stores escapes that it cannot read, which
 * fail every query that looks for a field, and whoever may write entries may write such a one. Ours hold none.
 */
export function readableJson(json: string): string {
  // An escaped backslash begins no escape.
  return String.raw`case when replace(${json}::text, '\\', '/') !~ '${unreadable}' then ${json} end`
}

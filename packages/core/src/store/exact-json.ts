/** A JSON value as {@link parseExactJson} gives it. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/**
 * Parses JSON without losing a digit: a number that JavaScript cannot hold as written becomes a string with its exact text.
 *
 * Those are numbers of more than 15 significant digits, which `JSON.parse` would round, and numbers beyond its range. So a bigint
 * `9007199254740993` arrives as `'9007199254740993'`; zeros at the end do not count, `1.50` arrives as `1.5`.
 *
 * @throws SyntaxError when the text is not JSON.
 */
export function parseExactJson(text: string): JsonValue {
  return JSON.parse(text.replace(STRING_OR_NUMBER, quoteInexact))
}

/** Strings are matched to be skipped: digits inside them are no numbers. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** IEEE 754 doubles keep every decimal of 15 significant digits. */
const KEPT_DIGITS = 15

/** Below it they keep fewer: the smallest normal double. */
const SMALLEST_KEPT = 2.2250738585072014e-308

function quoteInexact(token: string): string {
  return token.startsWith('"') || isExact(token) ? token : `"${token}"`
}

function isExact(number: string): boolean {
  if (number.length <= KEPT_DIGITS && !/e/i.test(number)) return true
  const digits = number.replace(/e.*/i, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '')
  const value = Math.abs(Number(number))
  const isInRange = Number.isFinite(value) && (value >= SMALLEST_KEPT || digits === '')
  return digits.length <= KEPT_DIGITS && isInRange
}

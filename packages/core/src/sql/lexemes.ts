import { CODE, isLineEnd, isNamePart, isNameStart } from './characters.ts'
import type { LexicalRules } from './sql-dialect.ts'

/** Stands for an offset where the end of something is missing or in doubt. */
export const DOUBTFUL = -1

/** Skips white space and comments. {@link DOUBTFUL} if a comment does not end. */
export function endOfGap(sql: string, start: number, rules: LexicalRules): number {
  let at = start
  while (at < sql.length && at !== DOUBTFUL) {
    if (rules.isBlank(sql.charCodeAt(at))) at++
    else if (isPair(sql, at, CODE.hyphen, CODE.hyphen)) at = endOfLine(sql, at)
    else if (isPair(sql, at, CODE.slash, CODE.asterisk)) at = endOfComment(sql, at, rules)
    else return at
  }
  return at
}

function isPair(sql: string, at: number, first: number, second: number): boolean {
  return sql.charCodeAt(at) === first && sql.charCodeAt(at + 1) === second
}

function endOfLine(sql: string, start: number): number {
  let at = start
  while (at < sql.length && !isLineEnd(sql.charCodeAt(at))) at++
  return at
}

function endOfComment(sql: string, start: number, rules: LexicalRules): number {
  let open = 1
  let at = start + 2
  while (open > 0) {
    if (at >= sql.length) return DOUBTFUL
    if (isPair(sql, at, CODE.asterisk, CODE.slash)) {
      open--
      at += 2
    } else if (rules.nestedComments && isPair(sql, at, CODE.slash, CODE.asterisk)) {
      open++
      at += 2
    } else at++
  }
  return at
}

/** How a quoted token ends. */
export interface QuoteOptions {
  readonly quote: number
  /** Whether a backslash escapes the next character. */
  readonly escapes: boolean
}

/** Finds the end of a quoted token of which the first quote stands before `start`. A doubled quote does not end it. */
export function endOfQuotes(sql: string, start: number, { quote, escapes }: QuoteOptions): number {
  let at = start
  while (at < sql.length) {
    const code = sql.charCodeAt(at)
    if (escapes && code === CODE.backslash) at += 2
    else if (code !== quote) at++
    else if (sql.charCodeAt(at + 1) === quote) at += 2
    else return at + 1
  }
  return DOUBTFUL
}

/**
 * Finds the end of an `E'…'` string. Where only blanks with a line end among them part it from another quote, the
 * string goes on behind it, and a backslash still escapes. A comment between them is left in doubt.
 */
export function endOfEscapeString(sql: string, start: number, rules: LexicalRules): number {
  let end = endOfQuotes(sql, start, { quote: CODE.singleQuote, escapes: true })
  while (end !== DOUBTFUL) {
    const next = endOfGap(sql, end, rules)
    if (sql.charCodeAt(next) !== CODE.singleQuote) return end
    if (!/^[ \t\f\v]*[\n\r][ \t\f\v\n\r]*$/.test(sql.slice(end, next))) return DOUBTFUL
    end = endOfQuotes(sql, next + 1, { quote: CODE.singleQuote, escapes: true })
  }
  return DOUBTFUL
}

/** Finds the end of `$tag$…$tag$`, or of `$$…$$`. */
export function endOfDollarQuote(sql: string, start: number): number {
  let at = start + 1
  if (isNameStart(sql.charCodeAt(at))) while (isTagPart(sql.charCodeAt(at))) at++
  if (sql.charCodeAt(at) !== CODE.dollar) return DOUBTFUL
  const tag = sql.slice(start, at + 1)
  const end = sql.indexOf(tag, at + 1)
  return end < 0 ? DOUBTFUL : end + tag.length
}

function isTagPart(code: number): boolean {
  return isNamePart(code) && code !== CODE.dollar
}

const NUMBER =
  /0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?/y

/** Finds the end of a number. {@link DOUBTFUL} where a name or a dot follows, which versions read differently. */
export function endOfNumber(sql: string, start: number): number {
  NUMBER.lastIndex = start
  if (!NUMBER.test(sql)) return DOUBTFUL
  const end = NUMBER.lastIndex
  const next = sql.charCodeAt(end)
  return isNamePart(next) || next === CODE.dot ? DOUBTFUL : end
}

import { CODE, isDigit, isNamePart, isNameStart } from './characters.ts'
import {
  DOUBTFUL,
  endOfDollarQuote,
  endOfEscapeString,
  endOfGap,
  endOfNumber,
  endOfQuotes,
} from './lexemes.ts'
import type { LexicalRules } from './sql-dialect.ts'

/** The kinds of tokens. Operators come one character at a time. */
export type TokenKind =
  | 'word'
  | 'quoted'
  | 'string'
  | 'number'
  | 'parameter'
  | 'operator'
  | 'open'
  | 'close'
  | 'openBracket'
  | 'closeBracket'
  | 'comma'
  | 'semicolon'
  | 'dot'

/** A token of a text, in offsets of the JavaScript string. */
export interface Token {
  readonly kind: TokenKind
  readonly start: number
  readonly end: number
  /** How many brackets are open around it. A bracket itself stands outside. */
  readonly depth: number
  /** An unquoted ASCII word in upper case. Empty after a dot, where no word is a keyword, and for all other tokens. */
  readonly keyword: string
}

/** The tokens of a text, up to the first that is in doubt. */
export interface Scan {
  readonly sql: string
  readonly tokens: readonly Token[]
  /** Why the text could not be read to its end. */
  readonly problem?: string
}

/**
 * Divides a text into tokens, as the lexer of PostgreSQL does (`src/backend/parser/scan.l`). It stops at whatever is
 * not finished, not allowed, or read differently by different versions. It does not recurse.
 */
export function scanSql(sql: string, rules: LexicalRules): Scan {
  // What a driver sends ends at a NUL: nothing can be said about such a text.
  if (sql.includes('\0')) return { sql, tokens: [], problem: 'a NUL character' }
  const tokens: Token[] = []
  const closers: TokenKind[] = []
  let at = endOfGap(sql, 0, rules)
  while (at !== DOUBTFUL && at < sql.length) {
    const kind = kindAt(sql, at, rules)
    if (kind === undefined) return { sql, tokens, problem: 'a character that begins no token' }
    const end = endOfToken(sql, at, kind, rules)
    if (end === DOUBTFUL) return { sql, tokens, problem: `a ${kind} that cannot be read with certainty` }
    if (isCloser(kind) && closers.pop() !== kind)
      return { sql, tokens, problem: 'a bracket that closes nothing' }
    const keyword = kind === 'word' ? keywordOf(sql, at, end, tokens.at(-1)) : ''
    tokens.push({ kind, start: at, end, depth: closers.length, keyword })
    if (kind === 'open') closers.push('close')
    else if (kind === 'openBracket') closers.push('closeBracket')
    at = endOfGap(sql, end, rules)
  }
  if (at === DOUBTFUL) return { sql, tokens, problem: 'a comment without an end' }
  return closers.length > 0 ? { sql, tokens, problem: 'a bracket without an end' } : { sql, tokens }
}

const KIND_BY_CODE: ReadonlyMap<number, TokenKind> = new Map<number, TokenKind>([
  [CODE.open, 'open'],
  [CODE.close, 'close'],
  [CODE.openBracket, 'openBracket'],
  [CODE.closeBracket, 'closeBracket'],
  [CODE.comma, 'comma'],
  [CODE.semicolon, 'semicolon'],
  [CODE.singleQuote, 'string'],
  [CODE.doubleQuote, 'quoted'],
  ...Array.from('+-*/<>=~!@#%^&|`?:', (character) => [character.charCodeAt(0), 'operator'] as const),
])

function kindAt(sql: string, at: number, rules: LexicalRules): TokenKind | undefined {
  const code = sql.charCodeAt(at)
  if (isNameStart(code)) return prefixLength(sql, at, rules) > 0 ? 'string' : 'word'
  if (isDigit(code)) return 'number'
  const next = sql.charCodeAt(at + 1)
  if (code === CODE.dot) return isDigit(next) ? 'number' : 'dot'
  if (code === CODE.dollar) return isDigit(next) ? 'parameter' : rules.dollarQuotes ? 'string' : 'operator'
  return KIND_BY_CODE.get(code)
}

function endOfToken(sql: string, at: number, kind: TokenKind, rules: LexicalRules): number {
  if (kind === 'word') return endOfWord(sql, at)
  if (kind === 'string') return endOfString(sql, at, rules)
  if (kind === 'quoted') return endOfQuotes(sql, at + 1, { quote: CODE.doubleQuote, escapes: false })
  if (kind === 'number') return endOfNumber(sql, at)
  if (kind === 'parameter') return endOfParameter(sql, at)
  return at + 1
}

function endOfWord(sql: string, at: number): number {
  let end = at + 1
  while (end < sql.length && isNamePart(sql.charCodeAt(end))) end++
  // U&"…" is a name in which \ escapes by a character that stands behind it.
  const isEncodedName = end === at + 1 && /^[uU]&"/.test(sql.slice(at, at + 3))
  return isEncodedName ? DOUBTFUL : end
}

function endOfParameter(sql: string, at: number): number {
  let end = at + 1
  while (isDigit(sql.charCodeAt(end))) end++
  return isNamePart(sql.charCodeAt(end)) ? DOUBTFUL : end
}

function endOfString(sql: string, at: number, rules: LexicalRules): number {
  if (sql.charCodeAt(at) === CODE.dollar) return endOfDollarQuote(sql, at)
  const prefix = prefixLength(sql, at, rules)
  const isEscapeString = prefix === 1 && /[eE]/.test(sql.charAt(at))
  if (isEscapeString) return endOfEscapeString(sql, at + 2, rules)
  const escapes = rules.backslashEscapes && prefix === 0
  return endOfQuotes(sql, at + prefix + 1, { quote: CODE.singleQuote, escapes })
}

/** The length of what stands before the quote of a string: `E`, `B`, `X`, `N` or `U&`. */
function prefixLength(sql: string, at: number, rules: LexicalRules): number {
  const next = sql.charCodeAt(at + 1)
  if (next === CODE.singleQuote) return prefixes(rules).includes(sql.charAt(at)) ? 1 : 0
  if (next !== CODE.ampersand || sql.charCodeAt(at + 2) !== CODE.singleQuote) return 0
  return 'uU'.includes(sql.charAt(at)) ? 2 : 0
}

function prefixes(rules: LexicalRules): string {
  return rules.escapeStrings ? 'eEbBxXnN' : 'bBxXnN'
}

function isCloser(kind: TokenKind): boolean {
  return kind === 'close' || kind === 'closeBracket'
}

function keywordOf(sql: string, start: number, end: number, previous: Token | undefined): string {
  if (previous?.kind === 'dot') return ''
  const word = sql.slice(start, end)
  // Upper-casing more than ASCII would make keywords of names: ſ becomes S, ı becomes I.
  return isAscii(word) ? word.toUpperCase() : ''
}

function isAscii(word: string): boolean {
  for (let at = 0; at < word.length; at++) if (word.charCodeAt(at) > 127) return false
  return true
}

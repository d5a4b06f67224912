/** The codes of the characters that the scanner tells apart. */
export const CODE = {
  newline: 10,
  carriageReturn: 13,
  doubleQuote: 34,
  dollar: 36,
  ampersand: 38,
  singleQuote: 39,
  open: 40,
  close: 41,
  asterisk: 42,
  comma: 44,
  hyphen: 45,
  dot: 46,
  slash: 47,
  semicolon: 59,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
} as const

/** Tells whether a code is one of the six blanks of PostgreSQL. A no-break space is none: it may be part of a name. */
export function isPostgresBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

/** Tells whether a code ends a line. */
export function isLineEnd(code: number): boolean {
  return code === CODE.newline || code === CODE.carriageReturn
}

/** Tells whether a code is an ASCII digit. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** Tells whether a name may begin with this code: ASCII letters, the underscore and all that is not ASCII. */
export function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code > 127
}

/** Tells whether a name may go on with this code. */
export function isNamePart(code: number): boolean {
  return isNameStart(code) || isDigit(code) || code === CODE.dollar
}

/** Folds ASCII letters to lower case and leaves all others alone, as PostgreSQL does in a UTF-8 database. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** How a database divides a text into tokens. */
export interface LexicalRules {
  /** Whether a character, given by its code, is white space. */
  readonly isBlank: (code: number) => boolean
  /** Whether a backslash escapes the next character in every string. */
  readonly backslashEscapes: boolean
  /** Whether `E'…'` is a string in which a backslash escapes. */
  readonly escapeStrings: boolean
  /** Whether comments nest. */
  readonly nestedComments: boolean
  /** Whether `$tag$…$tag$` is a string. */
  readonly dollarQuotes: boolean
}

/** What the planner has to know about a database's language. Words are in upper case. */
export interface SqlDialect {
  readonly lexical: LexicalRules
  /** The words without which no statement changes a row. */
  readonly writeWords: ReadonlySet<string>
  /** Words that cannot name a table or an alias unless quoted. */
  readonly reservedWords: ReadonlySet<string>
  /** Words after which FROM does not begin a clause. */
  readonly wordsBeforePlainFrom: ReadonlySet<string>
  /** Words that may stand before a parenthesis without calling a function. */
  readonly syntaxWords: ReadonlySet<string>
  /** Functions that read and write nothing. */
  readonly harmlessFunctions: ReadonlySet<string>
}

import { lowerAscii } from '../sql/characters.ts'

const words = /[\p{L}_][\p{L}\p{N}_$]*|"(?:[^"]|"")*"/gu

/**
 * Lists every word of a text as PostgreSQL would read it as a name, in strings and comments too. A name that is written with escapes
 * (`U&"…"`) is not read.
 */
export function namesIn(text: string): readonly string[] {
  return [...text.matchAll(words)].map(([word]) =>
    word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : lowerAscii(word),
  )
}

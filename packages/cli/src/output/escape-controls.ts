/**
 * Makes text safe to print on one line of a terminal: what a terminal would obey, or show in the wrong place, becomes an escape
 * that can be read, such as `\x1b`, `\n` or `\u202e`.
 *
 * Those are control characters (Unicode Cc), invisible and direction-changing ones (Cf, Zl, Zp) and halves of surrogate pairs (Cs).
 * A row's value may have been written by an attacker of whoever reads the log.
 */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, toEscape)
}

/** The same for text of several lines: line ends stay. */
export function escapeControlsInLines(text: string): string {
  return text.split('\n').map(escapeControls).join('\n')
}

/** The same inside JSON text, in JSON's own escapes: the value stays what it was. */
export function escapeControlsInJson(json: string): string {
  return json.replace(UNSAFE, (character) => (character === '\n' ? character : toJsonEscape(character)))
}

// The two joiners, U+200C and U+200D, shape letters and emoji and do no harm.
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function toEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x100) return SHORT[character] ?? `\\x${code.toString(16).padStart(2, '0')}`
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`
}

function toJsonEscape(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

/** Reads the text of a variable. */
export interface VariableParser<Value> {
  /** What a good text is, to end the sentence "must be …". */
  readonly expected: string
  /** Returns undefined for a text that is none. */
  readonly parse: (text: string) => Value | undefined
}

/** One of a few words. */
export function choice<const Word extends string>(...words: readonly Word[]): VariableParser<Word> {
  return {
    expected: `one of: ${words.join(', ')}`,
    parse: (text) => words.find((word) => word === text),
  }
}

/** Names, with commas between them. */
export const list: VariableParser<readonly string[]> = {
  expected: 'a list of names with commas between them',
  parse(text) {
    const names = text.split(',').map((name) => name.trim())
    return names.every((name) => name !== '') ? names : undefined
  },
}

const switches: Readonly<Record<string, boolean>> = { on: true, true: true, off: false, false: false }

/** On or off. */
export const onOff: VariableParser<boolean> = {
  expected: 'on or off',
  parse: (text) => (Object.hasOwn(switches, text) ? switches[text] : undefined),
}

/** A whole number above 0. */
export const positive: VariableParser<number> = {
  expected: 'a whole number above 0',
  parse: (text) => (/^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined),
}

/** A number of proxies, or their addresses. */
export const proxies: VariableParser<number | readonly string[]> = {
  expected: 'a number of proxies, or their addresses and CIDR ranges with commas between them',
  parse: (text) => (/^\d{1,3}$/.test(text) ? Number(text) : list.parse(text)),
}

/** Any text. */
export const anyText: VariableParser<string> = { expected: 'a text', parse: (text) => text }

const longestId = 200

/** A text without control characters that may stand in a header, a log line or an index. */
export const shortText: VariableParser<string> = {
  expected: `a text of at most ${longestId} characters, without control characters`,
  parse: (text) => (text.length <= longestId && !/\p{Cc}/u.test(text) ? text : undefined),
}

/** An address on the web. */
export const webAddress: VariableParser<URL> = {
  expected: 'an address that begins with https:// or http://, without a password',
  parse(text) {
    if (!URL.canParse(text)) return undefined
    const { protocol, username, password } = new URL(text)
    const isOpen = username === '' && password === ''
    return isOpen && (protocol === 'https:' || protocol === 'http:') ? new URL(text) : undefined
  },
}

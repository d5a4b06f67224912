import { isIP } from 'node:net'

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
  parse(text) {
    if (/^\d{1,3}$/.test(text)) return Number(text)
    const ranges = list.parse(text)
    return ranges?.every(isRange) ? ranges : undefined
  },
}

function isRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

/** Any text. */
export const anyText: VariableParser<string> = { expected: 'a text', parse: (text) => text }

const longestId = 200

/** A text without control characters that may stand in a header, a log line or an index. */
export const shortText: VariableParser<string> = {
  expected: `a text of at most ${longestId} characters, without control characters`,
  parse: (text) => (text.length <= longestId && !/\p{Cc}/u.test(text) ? text : undefined),
}

/** A secret that nobody can guess. */
export const secretText: VariableParser<string> = {
  expected: 'a text of at least 16 bytes',
  parse: (text) => (Buffer.byteLength(text) >= 16 ? text : undefined),
}

const thisMachine: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** An address on the web whose answer nobody can change on its way. */
export const webAddress: VariableParser<URL> = {
  expected: 'an address that begins with https://, or http:// on this machine, without a password',
  parse(text) {
    if (!URL.canParse(text)) return undefined
    const url = new URL(text)
    const isOpen = url.username === '' && url.password === ''
    const isSafe =
      url.protocol === 'https:' || (url.protocol === 'http:' && thisMachine.includes(url.hostname))
    return isOpen && isSafe ? url : undefined
  },
}

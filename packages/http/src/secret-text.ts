import type { Redaction } from '@indelible/core'

/** The test for secret names, as `createRedaction` compiles it. */
export type SecretNames = Pick<Redaction, 'isSecret'>

/** What stands in place of a secret. */
export const masked = '[redacted]'

// Signed and encrypted tokens begin with a header in base64url, and each header with `{"`. A token that was cut still counts.
const jsonWebToken = /(?<![\w-])eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)*/g
const userInfo = /:\/\/[^\s/?#@]*@/g
// Prose says "basic" too: what follows must look like a credential.
const credentials = /\b(Bearer|Basic|ApiKey)(\s+)(?=\S*[\d=])\S{8,}/gi
// A return address inside of a return address is encoded twice.
const deepestEncoding = 3
// As GraphQL, YAML and scripts write it; a value that was cut still counts.
const quoted =
  /(?<![\w.-])([\w.-]{1,100})["']?\s{0,5}[:=]\s{0,5}("{3}(?:[^"]|"(?!""))*(?:"{3}|$)|"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$))/g
const parameter = /(?<![\w.[\]%-])([\w.[\]%-]{1,100})=([^&;#\s]+)/g

/**
 * Masks what a text shows to be secret: tokens (JWT), passwords in addresses, credentials behind their scheme, parameters
 * (`name=value`, `name: "value"`) with a secret name. A secret that looks like any other text cannot be known. A text that is encoded for a URL, and
 * holds a secret, is returned decoded.
 */
export function maskSecretText(text: string, names: SecretNames): string {
  return maskEncoded(text, names, deepestEncoding)
}

function maskEncoded(text: string, names: SecretNames, depth: number): string {
  const shown = maskPlain(text, names)
  const inner = decoded(shown)
  if (inner === shown || depth === 0) return shown
  const innerShown = maskEncoded(inner, names, depth - 1)
  return innerShown === inner ? shown : innerShown
}

function maskPlain(text: string, { isSecret }: SecretNames): string {
  return text
    .replace(jsonWebToken, masked)
    .replace(userInfo, `://${masked}@`)
    .replace(credentials, (_, name: string, space: string) => `${name}${space}${masked}`)
    .replace(quoted, (whole, name: string, value: string) =>
      isSecret(name) ? `${whole.slice(0, -value.length)}${masked}` : whole,
    )
    .replace(parameter, (whole, name: string) => (isSecret(decoded(name)) ? `${name}=${masked}` : whole))
}

/** Cuts a text, which then shows that it was cut. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/** Decodes percent escapes. What is malformed stays as it is. */
export function decoded(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

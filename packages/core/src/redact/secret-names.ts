/**
 * Names that hold secrets unless the application says otherwise. They match by word, in snake and camel case, with or
 * without separators between their words: `api_key` finds `apiKey`, `x-api-key` and `APIKEY`, but not `apiary_keyhole`.
 */
export const defaultSecretNames: readonly string[] = [
  'password',
  'password_hash',
  'hashed_password',
  'password_salt',
  'passwd',
  'passphrase',
  'passcode',
  'pwd',
  'pin_code',
  'secret',
  'secret_key',
  'client_secret',
  'token',
  'access_token',
  'refresh_token',
  'auth_token',
  'id_token',
  'api_key',
  'access_key',
  'private_key',
  'encryption_key',
  'signing_key',
  'credential',
  'authorization',
  'cookie',
  'session_id',
  'otp',
  'totp',
  'mfa_secret',
  'recovery_code',
  'card',
  'card_number',
  'credit_card',
  'cvv',
  'cvc',
  'iban',
  'ssn',
  'social_security_number',
]

/**
 * Makes the body of a regular expression from names: `api_key` becomes `api[^a-z0-9]*key`. JavaScript and PostgreSQL
 * read it alike, so that both sides find the same names.
 */
export function secretWords(names: readonly string[]): string {
  const words = names.map((name) => normalize(name).split('_').filter(Boolean))
  return words
    .filter(({ length }) => length > 0)
    .map((parts) => parts.join('[^a-z0-9]*'))
    .join('|')
}

/** Lists lower-case pieces, one of which is in every text that holds one of the names: a cheap test before the exact one. */
export function secretStems(names: readonly string[]): readonly string[] {
  const words = names
    .map((name) => normalize(name).split('_').filter(Boolean))
    .filter(({ length }) => length > 0)
  const stems: string[] = []
  for (const parts of words.toSorted((a, b) => a.length - b.length)) {
    if (parts.some((part) => stems.some((stem) => part.includes(stem)))) continue
    stems.push(parts.reduce((longest, part) => (part.length > longest.length ? part : longest)))
  }
  return stems
}

const maxAnswers = 1000

/** Makes the test for one name: the same rule as the SQL function `indelible.is_secret_name`. */
export function createSecretNameTest(words: string): (name: string) => boolean {
  if (words === '') return () => false
  const pattern = new RegExp(`_(?:${words})s?[0-9]*_`)
  const answers = new Map<string, boolean>()
  return (name) => {
    const known = answers.get(name)
    if (known !== undefined) return known
    const answer = pattern.test(`_${normalize(name)}_`)
    // Keys of a context may be data, each of them new.
    if (answers.size >= maxAnswers) answers.clear()
    answers.set(name, answer)
    return answer
  }
}

/** Tells whether a name has a letter or digit by which it can be matched: the rule knows ASCII only. */
export function isMatchableName(name: string): boolean {
  return /[A-Za-z0-9]/.test(name)
}

function normalize(name: string): string {
  return name
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase())
}

import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a context was signed for: it is good in no other queue and for no job of another name. */
export interface Audience {
  readonly queue: string
  readonly name?: string | undefined
}

/** Signs a text for an audience: HMAC-SHA256 (RFC 2104) over a JSON array, in base64url. */
export function signText(text: string, audience: Audience, key: string): string {
  return createHmac('sha256', key).update(message(text, audience)).digest('base64url')
}

/** Whether one of the keys has signed the text for the audience. Takes the same time wherever a signature is wrong. */
export function isSigned(
  { text, signature }: { readonly text: string; readonly signature: string },
  audience: Audience,
  keys: readonly string[],
): boolean {
  const given = Buffer.from(signature)
  return keys.some((key) => {
    const expected = Buffer.from(signText(text, audience, key))
    return expected.length === given.length && timingSafeEqual(expected, given)
  })
}

function message(text: string, { queue, name }: Audience): string {
  return JSON.stringify(['indelible job context 1', queue, name ?? null, text])
}

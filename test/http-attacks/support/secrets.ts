import { SignJWT } from 'jose'
import { expect } from 'vitest'

/** Stands in every place where a client or the application may put a secret. */
export const secret = 'hunter2hunter2hunter2hunter2hunter2'
/** Claims of the tokens sent: what a token says may be as secret as the token. */
const inside = 'claim-nobody-asked-for'

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
export const token: string = await new SignJWT({ sub: 'ada', exp: 9_999_999_999, note: inside })
  .setProtectedHeader({ alg: 'HS256' })
  .sign(Buffer.from(secret))
export const forged = `${encode({ alg: 'none' })}.${encode({ sub: 'admin', note: inside })}.${Buffer.from(secret).toString('base64url')}`
const traces = [
  secret,
  inside,
  ...token.split('.'),
  ...forged.split('.').slice(1),
  encodeURIComponent(secret),
]

/** That a text holds none of the secrets, and holds what it should. What stands before a secret is shown where one is found. */
export function expectClean(text: string, holds: string): void {
  expect(text.includes(holds), `holds ${holds}`).toBe(true)
  expect(traces.flatMap((trace) => placesOf(text, trace))).toEqual([])
}

function placesOf(text: string, trace: string): readonly string[] {
  return text
    .split(trace)
    .slice(0, -1)
    .map((before) => before.slice(-200))
}

export const query = [
  `token=${secret}`,
  `user[password]=${secret}`,
  `pass%77ord=${secret}`,
  `next=${encodeURIComponent(`https://shop/?api_key=${secret}`)}`,
  `twice=${encodeURIComponent(encodeURIComponent(`/?secret=${secret}`))}`,
  `url=${encodeURIComponent(`https://u:${secret}@host/`)}`,
  `anything=${token}`,
].join('&')

export const body = {
  password: secret,
  nested: [{ credentials: { apiKey: secret } }],
  text: JSON.stringify({ accessToken: secret, list: [{ password: secret }] }),
  link: `https://shop/?session_id=${secret}`,
  anything: token,
  header: `Bearer ${token}`,
}

export const credentials = [
  { authorization: `Bearer ${token}` },
  { authorization: `Bearer ${forged}` },
  { authorization: `Bearer ${secret}` },
  { authorization: `Basic ${Buffer.from(`ada:${secret}`).toString('base64')}` },
  { 'x-api-key': secret },
  { 'user-agent': `tool/1 (token=${secret}; ${token})` },
  { cookie: `session=${secret}; token=${token}` },
  { 'proxy-authorization': secret, 'x-auth-token': secret, 'x-csrf-token': secret },
] as readonly Readonly<Record<string, string>>[]

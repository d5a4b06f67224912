import { createHash, createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { createRedaction } from './redaction.ts'

const table = (...names: string[]) => ({
  schema: 'public',
  name: 'user',
  columns: names.map((name) => ({ name, holdsDocument: name.startsWith('doc') })),
})

test('rules by name, documents by their type, and none where nothing applies', () => {
  expect(createRedaction().rulesOf(table('id', 'passwordHash', 'doc'))).toEqual({
    passwordHash: 'mask',
    doc: 'document',
  })
  expect(createRedaction().rulesOf(table('id', 'name'))).toBeUndefined()
  expect(createRedaction({ defaults: false }).rulesOf(table('passwordHash', 'doc'))).toBeUndefined()
})

test('the rules of a table are found once, and each table has its own', () => {
  const redaction = createRedaction()
  const [secret, open] = [table('id', 'password'), table('id', 'name')]
  for (const again of [1, 2]) {
    expect(redaction.rulesOf(secret), `time ${again}`).toEqual({ password: 'mask' })
    expect(redaction.rulesOf(open), `time ${again}`).toBeUndefined()
  }
  expect(redaction.rulesOf(secret)).toBe(redaction.rulesOf(secret))
})

test('rules of a table win over names, and those with a schema over those without', () => {
  const tables = {
    user: { email: 'mask', password: false },
    'public.user': { email: 'drop' },
    other: { id: 'mask' },
  } as const
  expect(createRedaction({ tables }).rulesOf(table('id', 'email', 'password'))).toEqual({ email: 'drop' })
})

test('a column called like a member of Object has no rule by accident', () => {
  expect(createRedaction().rulesOf(table('constructor', 'toString', '__proto__'))).toBeUndefined()
  expect(createRedaction({ columns: ['proto'] }).rulesOf(table('__proto__'))).toEqual(
    Object.fromEntries([['__proto__', 'mask']]),
  )
})

test('JSON of the context is masked by key, null stays null', () => {
  const text = createRedaction({ allow: ['token'] }).toJson({
    password: 'x',
    list: [{ apiKey: { a: 1 } }],
    secret: null,
    token: 'shown',
    big: 5n,
  })
  expect(JSON.parse(text)).toEqual({
    password: '[redacted]',
    list: [{ apiKey: '[redacted]' }],
    secret: null,
    token: 'shown',
    big: '5',
  })
})

test('a name is secret by the same rules everywhere', () => {
  const { isSecret } = createRedaction({ columns: ['plate'], allow: ['token'] })
  expect(['user[password]', 'X-Api-Key', 'numberPlate', 'token', 'name'].filter(isSecret)).toEqual([
    'user[password]',
    'X-Api-Key',
    'numberPlate',
  ])
})

test.each(['0123456789abcdef', 'x'.repeat(64), 'y'.repeat(65), Buffer.alloc(100, 7)])(
  'pads make HMAC-SHA-256',
  (key) => {
    const { pads } = createRedaction({ fingerprintKey: key })
    const part = (hex: string | undefined, data: Buffer) =>
      createHash('sha256')
        .update(Buffer.from(hex ?? '', 'hex'))
        .update(data)
        .digest()
    const mac = part(pads?.outer, part(pads?.inner, Buffer.from('value')))
    expect(mac).toEqual(createHmac('sha256', key).update('value').digest())
  },
)

test('a fingerprint needs a key of at least 16 bytes', () => {
  const invalid = expect.objectContaining({ code: 'AUDIT_OPTION_INVALID' })
  expect(() => createRedaction({ strategy: 'fingerprint' })).toThrow(invalid)
  expect(() => createRedaction({ tables: { a: { b: 'fingerprint' } } })).toThrow(invalid)
  expect(() => createRedaction({ fingerprintKey: 'short' })).toThrow(invalid)
})

import { createHmac, randomBytes } from 'node:crypto'
import { type RedactOptions, runWithAuditContext } from '@indelible/prisma'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRedaction } from '../../packages/core/src/redact/redaction.ts'
import { createSecretNameTest } from '../../packages/core/src/redact/secret-names.ts'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'
import { customerData, productData } from './support/shop-rows.ts'

let shop: AuditedShop
let prisma: AuditedClient

beforeAll(async () => {
  shop = await createAuditedShop()
  prisma = shop.client({ redact: {} })
  await shop.create(`
    create type login as (name text, password text);
    create table document (id int primary key, j json, b jsonb, js jsonb[], l login, note text);
    create table login_history (id int primary key, logins login[]);
    create table session (token text primary key, user_id int);
    create table odd_name (id int primary key, "пароль" text, "_id" text, s text)`)
})

afterAll(() => shop.close())

/** A text that occurs nowhere else. */
const secret = () => `SECRET${randomBytes(8).toString('hex')}`

const client = (redact: RedactOptions) => shop.client({ redact })

/** The last entry, with its images as they are stored. */
async function lastEntry() {
  const [row] = await shop.database.query<{
    id: string
    row_key: string
    before: string
    after: string
    context: string
  }>(
    'select id, row_key, before::text, after::text, context::text from indelible.entry order by id desc limit 1',
  )
  const parse = (text: string | null | undefined) => (text == null ? null : JSON.parse(text))
  return {
    text: JSON.stringify(row),
    key: row?.row_key,
    before: parse(row?.before),
    after: parse(row?.after),
    context: parse(row?.context),
  }
}

/** Every value of every table of ours, as text; bytes as hex. */
async function everythingStored(): Promise<string> {
  const tables = await shop.database.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'indelible'",
  )
  const texts = await Promise.all(
    tables.map(({ name }) =>
      shop.database.query(`select string_agg(t::text, E'\\n') as text from ${name} t`),
    ),
  )
  return texts.map(([row]) => String(row?.['text'])).join('\n')
}

async function expectNowhere(...secrets: readonly string[]): Promise<void> {
  const text = await everythingStored()
  for (const each of secrets) {
    expect(text.includes(each)).toBe(false)
    expect(text.includes(Buffer.from(each).toString('hex'))).toBe(false)
  }
}

test('columns with secret names are masked by default, in every kind of write, and null stays null', async () => {
  const [first, second, third] = [secret(), secret(), secret()]
  const { id } = await prisma.customer.create({ data: { ...customerData(), passwordHash: first } })
  expect((await lastEntry()).after).toMatchObject({ passwordHash: '[redacted]', apiToken: null, vip: false })
  await prisma.customer.update({ where: { id }, data: { passwordHash: second, apiToken: third, vip: true } })
  expect(await lastEntry()).toMatchObject({
    before: { passwordHash: '[redacted]', apiToken: null, vip: false },
    after: { passwordHash: '[redacted]', apiToken: '[redacted]', vip: true },
  })
  await prisma.customer.updateMany({ where: { id }, data: { passwordHash: first } })
  await prisma.$executeRaw`insert into "Customer" (id, email, name, "passwordHash", "updatedAt") values (${id}, 'x', 'x', ${third}, now())
    on conflict (id) do update set "passwordHash" = ${second}`
  expect(await lastEntry()).toMatchObject({
    before: { passwordHash: '[redacted]' },
    after: { passwordHash: '[redacted]' },
  })
  await prisma.$executeRawUnsafe(`update "Customer" set "apiToken" = '${first}' where id = ${id}`)
  await prisma.customer.delete({ where: { id } })
  await prisma.customerProfile.findMany()
  await expectNowhere(first, second, third)
})

test('drop leaves a column out; an update of dropped columns alone still leaves an entry', async () => {
  const value = secret()
  const dropping = client({ tables: { Customer: { passwordHash: 'drop' } } })
  const { id } = await dropping.customer.create({ data: { ...customerData(), passwordHash: value } })
  expect(Object.keys((await lastEntry()).after)).not.toContain('passwordHash')
  await dropping.$executeRaw`update "Customer" set "passwordHash" = ${secret()} where id = ${id}`
  expect(await lastEntry()).toMatchObject({ before: {}, after: {} })
  await expectNowhere(value)
})

test('fingerprint is an HMAC of the value, the same for the same value', async () => {
  const [key, value] = ['k'.repeat(80), `${secret()} ü"\\\n`]
  const marking = client({ strategy: 'fingerprint', fingerprintKey: key })
  const { id } = await marking.customer.create({ data: { ...customerData(), passwordHash: value } })
  const mark = `hmac-sha256:${createHmac('sha256', key).update(value).digest('hex')}`
  expect((await lastEntry()).after).toMatchObject({ passwordHash: mark, apiToken: null })
  await marking.customer.update({ where: { id }, data: { passwordHash: 'other', apiToken: value } })
  expect(await lastEntry()).toMatchObject({
    before: { passwordHash: mark },
    after: {
      passwordHash: `hmac-sha256:${createHmac('sha256', key).update('other').digest('hex')}`,
      apiToken: mark,
    },
  })
  await expectNowhere(value, key)
})

test.each(['short', Buffer.from('0123456789abcdef'), randomBytes(64), 'ü'.repeat(40)])(
  'fingerprints agree with HMAC-SHA-256 whatever the length of the key',
  async (key) => {
    if (Buffer.byteLength(key) < 16) {
      expect(() => client({ strategy: 'fingerprint', fingerprintKey: key })).toThrow(/at least 16 bytes/)
      return
    }
    const marking = client({ strategy: 'fingerprint', fingerprintKey: key })
    await marking.customer.create({ data: { ...customerData(), passwordHash: 'value' } })
    expect((await lastEntry()).after.passwordHash).toBe(
      `hmac-sha256:${createHmac('sha256', key).update('value').digest('hex')}`,
    )
  },
)

test('further names, names that are not secret, and rules for one table', async () => {
  const some = client({
    columns: ['sku'],
    allow: ['passwordHash'],
    tables: {
      Product: { stock: 'drop', price: 'mask' },
      'public.Customer': { apiToken: false, email: 'mask' },
    },
  })
  await some.customer.create({ data: { ...customerData(), passwordHash: 'shown', apiToken: 'shown' } })
  expect((await lastEntry()).after).toMatchObject({
    passwordHash: 'shown',
    apiToken: 'shown',
    email: '[redacted]',
  })
  await some.product.create({ data: productData() })
  const { after } = await lastEntry()
  expect(after).toMatchObject({ sku: '[redacted]', price: '[redacted]' })
  expect(Object.keys(after)).not.toContain('stock')
})

test('without defaults nothing is masked', async () => {
  await client({ defaults: false }).customer.create({ data: { ...customerData(), passwordHash: 'shown' } })
  expect((await lastEntry()).after.passwordHash).toBe('shown')
})

test('secret keys inside JSON are masked at any depth, in json, jsonb, arrays of them and composite values', async () => {
  const value = secret()
  const document = {
    plain: 1.5,
    password: value,
    nested: [
      { 'api-key': value },
      [{ deep: { accessToken: { inner: value }, token: null, tokens: [value] } }],
    ],
    'with "quotes" and Secret': value,
    n: 10n ** 20n,
  }
  const text = JSON.stringify(document, (_, each) => (typeof each === 'bigint' ? Number(each) : each))
  await prisma.$executeRaw`insert into document (id, j, b, js, l) values
    (1, ${text}::json, ${text}::jsonb, array[${text}::jsonb, '[1]'], row ('x', ${value})::login)`
  const masked = {
    plain: 1.5,
    password: '[redacted]',
    nested: [
      { 'api-key': '[redacted]' },
      [{ deep: { accessToken: '[redacted]', token: null, tokens: '[redacted]' } }],
    ],
    'with "quotes" and Secret': '[redacted]',
    n: 1e20,
  }
  expect((await lastEntry()).after).toMatchObject({
    j: masked,
    b: masked,
    js: [masked, [1]],
    l: { name: 'x', password: '[redacted]' },
  })
  await prisma.$executeRaw`update document set j = ${text.replaceAll(value, secret())}::json, note = 'n' where id = ${1}`
  expect(await lastEntry()).toMatchObject({
    before: { j: masked, note: null },
    after: { j: masked, note: 'n' },
  })
  await prisma.$executeRaw`delete from document`
  await expectNowhere(value)
})

test('a key written with escapes is found', async () => {
  const value = secret()
  const escaped = [...'password'].map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`).join('')
  await prisma.$executeRawUnsafe(
    `insert into document (id, j) values (2, '{"${escaped}": "${value}", "p\\u0061sswd": ["${value}"]}')`,
  )
  expect((await lastEntry()).after.j).toEqual({ password: '[redacted]', passwd: '[redacted]' })
  await expectNowhere(value)
})

test('a document of two hundred levels does not let a secret through', async () => {
  const value = secret()
  const deep = `${'{"a":['.repeat(100)}{"password":"${value}"}${']}'.repeat(100)}`
  await prisma.$executeRaw`insert into document (id, j, b) values (3, ${deep}::json, ${deep}::jsonb)`
  await expectNowhere(value)
})

test('an array of composite values with a secret field is masked', async () => {
  const value = secret()
  await prisma.$executeRaw`insert into login_history values (1, array[row ('x', ${value})::login])`
  await expectNowhere(value)
})

test('a secret that is the key of its row is nowhere either', async () => {
  const value = secret()
  await prisma.$executeRaw`insert into session values (${value}, 1)`
  await prisma.$executeRaw`update session set user_id = 2 where token = ${value}`
  await prisma.$executeRaw`delete from session where token = ${value}`
  await expectNowhere(value)
})

test('a secret name in another script is refused as a pattern, and honoured for its column', async () => {
  expect(() => client({ columns: ['пароль'] })).toThrow(
    expect.objectContaining({ code: 'AUDIT_OPTION_INVALID', message: expect.stringContaining('пароль') }),
  )
  const value = secret()
  const cyrillic = client({ tables: { odd_name: { пароль: 'mask' } } })
  await cyrillic.$executeRaw`insert into odd_name values (1, ${value}, 'shown', 'shown')`
  expect((await lastEntry()).after).toMatchObject({ _id: 'shown', s: 'shown' })
  await expectNowhere(value)
})

test('a document with characters that PostgreSQL text cannot hold is still written', async () => {
  await prisma.$executeRawUnsafe(`insert into document (id, j) values (4, '{"a": "\\u0000", "password": 1}')`)
  await prisma.$executeRawUnsafe(`insert into document (id, j) values (5, '{"\\u0000": 1, "\\ud800": 2}')`)
  const { key, after } = await lastEntry()
  expect([key, after.id, after.j]).toEqual(['5', 5, '[withheld: unreadable]'])
})

test('secrets in the context are masked at any depth, and the actor stays', async () => {
  const value = secret()
  await runWithAuditContext(
    {
      actor: { id: 'u_1', apiKey: value },
      correlationId: 'c',
      request: { headers: { authorization: value, Cookie: [value], 'x-api-key': value, accept: '*/*' } },
      metadata: { list: [{ creditCard: { number: value } }], password: null, tokenCount: 3 },
    },
    () => prisma.tag.create({ data: { name: `tagged ${randomBytes(3).toString('hex')}` } }),
  )
  expect((await lastEntry()).context).toMatchObject({
    actor: { id: 'u_1', apiKey: '[redacted]' },
    request: {
      headers: {
        authorization: '[redacted]',
        Cookie: '[redacted]',
        'x-api-key': '[redacted]',
        accept: '*/*',
      },
    },
    metadata: { list: [{ creditCard: '[redacted]' }], password: null },
  })
  await expectNowhere(value)
})

test('secrets are not in errors of ours, nor in recorded statements', async () => {
  const value = secret()
  await prisma.$executeRawUnsafe(
    `with x as (update "Customer" set "passwordHash" = '${value}' returning id) select * from x`,
  )
  await prisma.$executeRawUnsafe(`do $$ begin perform '${value}'; end $$`)
  await prisma.$executeRawUnsafe(`create function f() returns text language sql as 'select ''${value}'''`)
  await expectNowhere(value)
  await shop.database.query('alter table indelible.entry add constraint refused check (false) not valid')
  try {
    const attempts = [
      () => prisma.customer.create({ data: { ...customerData(), passwordHash: value } }),
      () => prisma.$executeRawUnsafe(`insert into session values ('${value}', 1)`),
      () =>
        runWithAuditContext({ metadata: { password: value } }, () =>
          prisma.tag.create({ data: { name: 'refused' } }),
        ),
    ]
    for (const attempt of attempts) {
      const error = await attempt().then(
        () => undefined,
        (thrown) => thrown,
      )
      expect(error).toMatchObject({ code: 'AUDIT_WRITE_FAILED' })
      expect(`${error.message} ${JSON.stringify(error)} ${JSON.stringify(error.cause)}`).not.toContain(value)
    }
  } finally {
    await shop.database.query('alter table indelible.entry drop constraint refused')
  }
})

const { words, stems } = createRedaction()
const part = fc.constantFrom(
  'pass',
  'word',
  'password',
  'token',
  'api',
  'key',
  'API',
  'Key',
  'card',
  's',
  'x',
  '_',
  '-',
  ' ',
  '1',
  'ü',
  'ẞ',
  'İ',
  'K',
  '表',
  '.',
  '"',
  '\n',
  'iban',
  'IBAN',
  'User',
  'otp',
)
const name = fc
  .oneof(
    fc.array(part, { maxLength: 6 }).map((parts) => parts.join('')),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  )
  .filter((text) => !text.includes('\0') && Buffer.from(text).toString() === text)

test('JavaScript and SQL agree which names are secret', async () => {
  const isSecret = createSecretNameTest(words)
  await fc.assert(
    fc.asyncProperty(fc.array(name, { minLength: 200, maxLength: 200 }), async (names) => {
      const rows = await shop.database.query(
        'select indelible.is_secret_name(name, $2) as secret from unnest($1::text[]) with ordinality u (name, n) order by n',
        [names, words],
      )
      const wrong = names.filter((each, at) => rows[at]?.['secret'] !== isSecret(each))
      expect(wrong).toEqual([])
    }),
    { numRuns: 25 },
  )
})

test('no key that is secret keeps its value in a document, however it is written', async () => {
  const isSecret = createSecretNameTest(words)
  await fc.assert(
    fc.asyncProperty(fc.array(name, { minLength: 100, maxLength: 100 }), async (names) => {
      const texts = names.map((each) => JSON.stringify({ a: [{ [each]: 'value' }] }))
      const rows = await shop.database.query<{ text: string }>(
        'select indelible.redact_document(d::json, $2, $3) as text from unnest($1::text[]) with ordinality u (d, n) order by n',
        [texts, words, stems.map((stem) => `%${stem}%`)],
      )
      const leaks = names.filter((each, at) => isSecret(each) === String(rows[at]?.text).includes('"value"'))
      expect(leaks).toEqual([])
    }),
    { numRuns: 25 },
  )
})

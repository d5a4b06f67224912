import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { resolveAuditOptions } from '../audit-options.ts'
import { generateNoteKey } from '../chain/note-key.ts'
import { addEnvironment } from './add-environment.ts'
import { listEnvironment } from './check-environment.ts'
import { variables } from './environment-variables.ts'
import { readEnvironment } from './read-environment.ts'

const invalid = (message: string) =>
  expect.objectContaining({ code: 'AUDIT_OPTION_INVALID', message: expect.stringContaining(message) })
const key = generateNoteKey('test', new Uint8Array(32).fill(7)).signingKey

describe('the options of the trail', () => {
  test('come from their variables', () => {
    const env = {
      INDELIBLE_ON_UNCAPTURED: 'throw',
      INDELIBLE_ON_MISSING_ACTOR: 'reject',
      INDELIBLE_COMPLETENESS: 'record',
      INDELIBLE_NAME_STATEMENTS: 'off',
      INDELIBLE_REQUIRE_REASON_TABLES: 'order, shop.refund',
      INDELIBLE_REQUIRE_REASON_ACTIONS: 'order.refund',
      INDELIBLE_REDACT_DEFAULTS: 'true',
      INDELIBLE_REDACT_COLUMNS: 'iban,bic',
      INDELIBLE_REDACT_ALLOW: 'token_count',
      INDELIBLE_REDACT_STRATEGY: 'fingerprint',
      INDELIBLE_REDACT_FINGERPRINT_KEY: 'sixteen bytes at least',
      INDELIBLE_SEAL_INTERVAL: '500',
      INDELIBLE_SEAL_BATCH: '10',
      INDELIBLE_SEAL_CHECKPOINT_INTERVAL: '1000',
      INDELIBLE_SEAL_LONGEST_IDLE: '5000',
      INDELIBLE_SEAL_KEY: key,
    }
    expect(readEnvironment('trail', env)).toEqual({
      onUncaptured: 'throw',
      onMissingActor: 'reject',
      completeness: 'record',
      nameStatements: false,
      requireReason: { tables: ['order', 'shop.refund'], actions: ['order.refund'] },
      redact: {
        defaults: true,
        columns: ['iban', 'bic'],
        allow: ['token_count'],
        strategy: 'fingerprint',
        fingerprintKey: 'sixteen bytes at least',
      },
      seal: {
        interval: 500,
        batch: 10,
        checkpointInterval: 1000,
        longestIdle: 5000,
        signer: expect.objectContaining({ name: 'test' }),
      },
    })
    expect(resolveAuditOptions({}, env)).toMatchObject({
      capture: { onUncaptured: 'throw', onMissingActor: 'reject', nameStatements: false },
      seal: { interval: 500 },
    })
  })

  test('are none where no variable is set, and an empty one counts as not set', () => {
    expect(readEnvironment('trail', { PATH: '/bin', INDELIBLE_SEAL: '', INDELIBLE_TYPO: '' })).toEqual({})
    expect(addEnvironment({ nameStatements: true }, {})).toEqual({ nameStatements: true })
  })

  test('explicit ones win, field by field, and one that is undefined is none', () => {
    const env = {
      INDELIBLE_ON_UNCAPTURED: 'throw',
      INDELIBLE_ON_MISSING_ACTOR: 'reject',
      INDELIBLE_REDACT_COLUMNS: 'iban',
      INDELIBLE_REDACT_STRATEGY: 'drop',
      INDELIBLE_REQUIRE_REASON_TABLES: 'order',
      INDELIBLE_SEAL_INTERVAL: '500',
      INDELIBLE_SEAL_BATCH: '10',
    }
    const options = {
      onUncaptured: 'warn',
      redact: { columns: ['bic'] },
      requireReason: { actions: ['order.refund'] },
      seal: { batch: 20 },
    } as const
    expect(addEnvironment(options, env)).toEqual({
      onUncaptured: 'warn',
      onMissingActor: 'reject',
      redact: { columns: ['bic'], strategy: 'drop' },
      requireReason: { tables: ['order'], actions: ['order.refund'] },
      seal: { interval: 500, batch: 20 },
    })
    // As a caller without exact optional types may write it.
    const open = { onUncaptured: undefined, redact: undefined } as object
    expect(addEnvironment(open, env)).toMatchObject({ onUncaptured: 'throw', redact: { columns: ['iban'] } })
  })

  test('INDELIBLE_SEAL=off leaves sealing to another process, unless the options say how to seal', () => {
    const off = { INDELIBLE_SEAL: 'off', INDELIBLE_SEAL_INTERVAL: '500' }
    expect(addEnvironment({}, off).seal).toBe(false)
    expect(readEnvironment('sealer', off)).toEqual({ interval: 500 })
    expect(addEnvironment({ seal: { batch: 20 } }, off).seal).toEqual({ batch: 20 })
    expect(addEnvironment({ seal: false }, { INDELIBLE_SEAL: 'on', INDELIBLE_SEAL_BATCH: '7' }).seal).toBe(
      false,
    )
  })

  test('the signing key may stand in a file, and in one place only', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'indelible-'))
    const file = path.join(folder, 'signer.key')
    try {
      writeFileSync(file, `${key}\n`)
      expect(readEnvironment('trail', { INDELIBLE_SEAL_KEY_FILE: file }).seal).toMatchObject({
        signer: { name: 'test' },
      })
      const both = { INDELIBLE_SEAL_KEY: key, INDELIBLE_SEAL_KEY_FILE: file }
      expect(() => readEnvironment('trail', both)).toThrow(invalid('both set'))
    } finally {
      rmSync(folder, { recursive: true })
    }
    expect(() => readEnvironment('trail', { INDELIBLE_SEAL_KEY_FILE: file })).toThrow(
      invalid('could not be read'),
    )
    expect(() => readEnvironment('trail', { INDELIBLE_SEAL_KEY: 'PRIVATE+KEY+s3cr3t' })).toThrow(
      expect.objectContaining({ code: 'AUDIT_KEY_INVALID', message: expect.not.stringContaining('s3cr3t') }),
    )
  })
})

test('the settings of HTTP, tokens and scripts come from theirs', () => {
  const env = {
    INDELIBLE_HTTP_TRUSTED_PROXIES: '2',
    INDELIBLE_HTTP_ON_BAD_CREDENTIALS: 'reject',
    INDELIBLE_HTTP_EVENTS: 'off',
    INDELIBLE_JWT_ISSUER: 'https://id.example',
    INDELIBLE_JWT_AUDIENCE: 'shop,admin',
    INDELIBLE_JWT_JWKS_URL: 'https://id.example/jwks',
    INDELIBLE_REASON: 'fix of prices, ticket 4711',
    INDELIBLE_ACTION: 'price.fix',
    INDELIBLE_CORRELATION_ID: 'run-1',
  }
  expect(readEnvironment('http', env)).toEqual({
    trustedProxies: 2,
    onBadCredentials: 'reject',
    events: false,
  })
  expect(readEnvironment('jwt', env)).toEqual({
    issuer: 'https://id.example',
    audience: ['shop', 'admin'],
    jwksUrl: new URL('https://id.example/jwks'),
  })
  expect(readEnvironment('script', env)).toEqual({
    reason: 'fix of prices, ticket 4711',
    action: 'price.fix',
    correlationId: 'run-1',
  })
  const addresses = { INDELIBLE_HTTP_TRUSTED_PROXIES: '10.0.0.0/8, ::1' }
  expect(readEnvironment('http', addresses)).toEqual({ trustedProxies: ['10.0.0.0/8', '::1'] })
})

describe('what is wrong', () => {
  test.each([
    ['INDELIBLE_ON_MISING_ACTOR', 'INDELIBLE_ON_MISSING_ACTOR'],
    ['INDELIBLE_REDACT_COLUMN', 'INDELIBLE_REDACT_COLUMNS'],
    ['INDELIBLE_SEAL_KEYFILE', 'INDELIBLE_SEAL_KEY_FILE'],
    ['INDELIBLE_JWT_JWKS', 'INDELIBLE_JWT_JWKS_URL'],
    ['INDELIBLE_', 'INDELIBLE_'],
  ])('%s is refused by every reader, with the nearest name and without its value', (name, nearest) => {
    for (const part of ['trail', 'http', 'jwt', 'script'] as const) {
      const read = () => readEnvironment(part, { [name]: 's3cr3t' })
      expect(read).toThrow(invalid(`${name} is unknown; did you mean ${nearest}`))
      expect(read).not.toThrow(/s3cr3t/)
    }
  })

  test.each([
    ['ON_UNCAPTURED', 'Throw', 'one of: record, warn, throw'],
    ['NAME_STATEMENTS', 'yes', 'on or off'],
    ['NAME_STATEMENTS', 'constructor', 'on or off'],
    ['SEAL_INTERVAL', '0', 'a whole number above 0'],
    ['SEAL_BATCH', '1e3', 'a whole number above 0'],
    ['REDACT_COLUMNS', 'iban,,bic', 'a list of names'],
    ['JWT_JWKS_URL', 'file:///etc/passwd', 'https://'],
    ['JWT_JWKS_URL', 'https://user:s3cr3t@id.example/jwks', 'without a password'],
    ['JWT_JWKS_URL', 'https://token@id.example/jwks', 'without a password'],
    ['JWT_JWKS_URL', 'http://id.example/jwks', 'https://'],
    ['JWT_JWKS_URL', 'http://localhost.example/jwks', 'https://'],
    ['HTTP_TRUSTED_PROXIES', 'loopback', 'a number of proxies'],
    ['HTTP_TRUSTED_PROXIES', ' 1', 'a number of proxies'],
    ['HTTP_TRUSTED_PROXIES', '10.0.0.0/33', 'a number of proxies'],
    ['HTTP_TRUSTED_PROXIES', '10.0.0.0/8/8', 'a number of proxies'],
    ['HTTP_TRUSTED_PROXIES', '::1/129', 'a number of proxies'],
    ['CORRELATION_ID', 'a\nb', 'without control characters'],
    ['ACTION', 'x'.repeat(201), 'at most 200 characters'],
  ])('%s=%j is refused', (name, value, expected) => {
    const read = () => resolveAuditOptions({}, { [`INDELIBLE_${name}`]: value })
    expect(read).toThrow(invalid(expected))
    expect(read).toThrow(invalid(`INDELIBLE_${name}`))
  })

  test('a key that is too short is not repeated', () => {
    const read = () => resolveAuditOptions({}, { INDELIBLE_REDACT_FINGERPRINT_KEY: 's3cr3t' })
    expect(read).toThrow(invalid('16 bytes'))
    expect(read).not.toThrow(/s3cr3t/)
  })

  test('what Kubernetes sets for a service called indelible is not ours', () => {
    const env = {
      INDELIBLE_SERVICE_HOST: '10.0.0.1',
      INDELIBLE_SERVICE_PORT: '5432',
      INDELIBLE_SERVICE_PORT_HTTP: '80',
      INDELIBLE_PORT: 'tcp://10.0.0.1:5432',
      INDELIBLE_PORT_5432_TCP: 'tcp://10.0.0.1:5432',
      INDELIBLE_DB_PORT_5432_TCP_ADDR: '10.0.0.1',
    }
    expect(listEnvironment(env)).toEqual([])
  })
})

test('the list of what is set hides secrets, and values of names that are none of ours', () => {
  const env = {
    INDELIBLE_SEAL_KEY: key,
    INDELIBLE_DATABASE_URL: 'postgres://u:s3cr3t@host/db',
    INDELIBLE_REDACT_FINGERPRINT_KEY: 's3cr3t of sixteen bytes',
    INDELIBLE_PASSWORD: 's3cr3t',
    INDELIBLE_SEAL: 'on',
    INDELIBLE_COMPLETENESS: 'full',
    INDELIBLE_JWT_JWKS_URL: 'https://user:s3cr3t@id.example/jwks',
    HOME: '/root',
  }
  const found = listEnvironment(env)
  expect(found.map(({ name, shown, problem }) => [name, shown, problem])).toEqual([
    ['INDELIBLE_COMPLETENESS', 'full', 'must be one of: off, record, throw'],
    ['INDELIBLE_DATABASE_URL', '[set]', null],
    [
      'INDELIBLE_JWT_JWKS_URL',
      'https://[set]@id.example/jwks',
      'must be an address that begins with https://, or http:// on this machine, without a password',
    ],
    ['INDELIBLE_PASSWORD', '[set]', expect.stringContaining('is unknown; did you mean INDELIBLE_')],
    ['INDELIBLE_REDACT_FINGERPRINT_KEY', '[set]', null],
    ['INDELIBLE_SEAL', 'on', null],
    ['INDELIBLE_SEAL_KEY', '[set]', null],
  ])
  expect(JSON.stringify(found)).not.toContain('s3cr3t')
})

test('every variable that may hold a password or a key is secret', () => {
  const secret = Object.entries(variables).flatMap(([name, variable]) => (variable.secret ? [name] : []))
  expect(secret).toEqual(['REDACT_FINGERPRINT_KEY', 'SEAL_KEY', 'DATABASE_URL'])
})

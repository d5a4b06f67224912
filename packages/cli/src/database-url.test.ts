import { describe, expect, test } from 'vitest'
import { resolveDatabaseUrl } from './database-url.ts'

const url = (name: string) => `postgresql://u:p@host/${name}`

describe('resolveDatabaseUrl', () => {
  test('prefers the option, then the variable of its own, then the usual one', () => {
    const env = { INDELIBLE_DATABASE_URL: url('own'), DATABASE_URL: url('usual') }
    expect(resolveDatabaseUrl(url('option'), env)).toBe(url('option'))
    expect(resolveDatabaseUrl(undefined, env)).toBe(url('own'))
    expect(resolveDatabaseUrl(undefined, { ...env, INDELIBLE_DATABASE_URL: '' })).toBe(url('usual'))
    expect(() => resolveDatabaseUrl(undefined, {})).toThrow(/No database was named/)
  })

  test.each([
    'postgres://host',
    'postgres:///shop?host=/var/run/postgresql',
    'postgresql://u:p%40w%2F@[::1]:5433/shop?sslmode=require&schema=public',
  ])('takes %s', (address) => {
    expect(resolveDatabaseUrl(address, {})).toBe(address)
  })

  test.each([
    ['host', 'not an address'],
    ['http://host/shop', 'does not begin with postgresql://'],
    ['prisma+postgres://host/?api_key=secret', 'direct address'],
    ['postgres://u:se/cret@host/shop', 'not an address'],
    ['postgres://u:1/cret@host/shop', 'percent-encoded'],
  ])('refuses %s, and does not repeat it', (address, message) => {
    expect(() => resolveDatabaseUrl(address, {})).toThrow(message)
    expect(() => resolveDatabaseUrl(address, {})).not.toThrow(/cret/)
    expect(() => resolveDatabaseUrl(undefined, { DATABASE_URL: address })).toThrow('DATABASE_URL')
  })
})

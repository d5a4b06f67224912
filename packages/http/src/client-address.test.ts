import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resolveClientAddress } from './client-address.ts'
import { compileTrustedProxies } from './trusted-proxies.ts'

const socket = '10.0.0.1'
const find = (forwarded: string | string[], proxies?: number | string[], remoteAddress = socket) =>
  resolveClientAddress({ headers: { 'x-forwarded-for': forwarded }, remoteAddress }, proxies)

describe('without trust', () => {
  test('the address is that of the connection, whatever a header says', () => {
    expect(find('203.0.113.7')).toBe(socket)
    expect(find('203.0.113.7', [])).toBe(socket)
    expect(find('203.0.113.7', 0)).toBe(socket)
    expect(resolveClientAddress({ headers: {}, remoteAddress: socket }, 3)).toBe(socket)
    expect(
      resolveClientAddress({ headers: { 'x-forwarded-for': '203.0.113.7' } }, ['0.0.0.0/0']),
    ).toBeUndefined()
  })

  test('no header can name an address without a trusted proxy (property)', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (text, list) => {
        expect([find(text), find(list), find(text, ['192.0.2.0/24'])]).toEqual([socket, socket, socket])
      }),
    )
  })
})

describe('behind a number of proxies', () => {
  test.each([
    [1, 'forged, 203.0.113.7', '203.0.113.7'],
    [1, '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    [2, '198.51.100.1, 203.0.113.7, 10.0.0.2', '203.0.113.7'],
    [2, '203.0.113.7', '203.0.113.7'],
    [9, '198.51.100.1, 203.0.113.7', '198.51.100.1'],
  ])('%i: %s', (hops, header, address) => expect(find(header, hops)).toBe(address))

  test('headers that came apart are one list', () => {
    expect(find(['198.51.100.1', '203.0.113.7'], 1)).toBe('203.0.113.7')
    expect(find(['198.51.100.1', '203.0.113.7, 10.0.0.2'], 2)).toBe('203.0.113.7')
  })

  test('a connection without an address is one of them', () => {
    expect(resolveClientAddress({ headers: { 'x-forwarded-for': '203.0.113.7' } }, 1)).toBe('203.0.113.7')
  })
})

describe('behind known proxies', () => {
  const proxies = ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1']
  test.each([
    ['198.51.100.1, 203.0.113.7, 10.9.9.9', '203.0.113.7'],
    ['198.51.100.1, 192.0.2.1, 10.9.9.9', '198.51.100.1'],
    ['198.51.100.1, 192.0.2.2, 10.9.9.9', '192.0.2.2'],
    ['10.1.1.1, 10.2.2.2', '10.1.1.1'],
    ['203.0.113.7, [2001:db8::5]:443', '203.0.113.7'],
    ['203.0.113.7, ::ffff:10.3.3.3', '203.0.113.7'],
  ])('%s', (header, address) => expect(find(header, proxies)).toBe(address))

  test('a client that connects itself is not believed', () => {
    expect(find('203.0.113.7', proxies, '198.51.100.9')).toBe('198.51.100.9')
  })

  test('a connection over IPv6 to an IPv4 proxy counts as IPv4', () => {
    expect(find('203.0.113.7', proxies, '::ffff:10.0.0.1')).toBe('203.0.113.7')
    expect(find('203.0.113.7', ['::ffff:10.0.0.1'])).toBe('203.0.113.7')
  })
})

test.each([
  '',
  ' ',
  'unknown',
  'localhost',
  '203.0.113',
  '203.0.113.7.8',
  '0203.0.113.7',
  '203.0.113.7:port',
  '203.0.113.7:80:80',
  '[203.0.113.7]',
  '[::1',
  '::1]:80',
  '1:2:3',
  '<script>',
  '203.0.113.7\u0000',
  'a'.repeat(10_000),
])('an entry that is no address ends the walk: %j', (entry) => {
  expect(find(`198.51.100.1, ${entry}, 10.0.0.2`, 5)).toBe('10.0.0.2')
  expect(find(entry, 5)).toBe(socket)
})

test.each([
  ['203.0.113.7:51234', '203.0.113.7'],
  ['  203.0.113.7  ', '203.0.113.7'],
  ['[2001:DB8:0:0::7]:443', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['2001:0db8:0000::0007', '2001:db8::7'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:cb00:7107', '203.0.113.7'],
  ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
  ['::1', '::1'],
])('one address has one form: %s', (entry, address) => {
  expect(find(entry, 1)).toBe(address)
  expect(find('', 0, entry)).toBe(address)
})

test('any header gives an address that it holds, or that of the connection (property)', () => {
  const entry = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())
  fc.assert(
    fc.property(fc.array(entry), fc.nat(5), (entries, hops) => {
      const address = find(entries.join(','), hops) ?? ''
      if (address !== socket) expect(address).toMatch(/^[0-9a-f.:]+$/)
    }),
  )
})

test.each([
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '1',
  true,
  null,
  {},
  ['10.0.0.0/33'],
  ['10.0.0.0/-1'],
  ['10.0.0.0/'],
  ['10.0.0.0/8/8'],
  ['2001:db8::/129'],
  ['::ffff:10.0.0.0/104'],
  ['10.0.0.1:80'],
  ['proxy.internal'],
  [''],
  [5],
])('a wrong option is refused at start: %j', (option) => {
  const refused = expect.objectContaining({
    code: 'AUDIT_OPTION_INVALID',
    facts: { option: 'trustedProxies' },
  })
  expect(() => compileTrustedProxies(option as never)).toThrow(refused)
})

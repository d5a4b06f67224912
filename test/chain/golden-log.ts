import type { StoredEntry } from '../../packages/core/src/entry/stored-entry.ts'

/** A log of three entries whose hashes docs/design/chain-format.md lists. They were computed by another program. */
export const GOLDEN_LOG_ID = '7d3f0c52-1a5e-4f0b-9c1d-2b6a8e4f9d10'

const NOTHING: Omit<StoredEntry, 'id' | 'at' | 'tx' | 'op' | 'salt'> = {
  tableSchema: null,
  tableName: null,
  rowKey: null,
  before: null,
  after: null,
  actorId: null,
  actorType: null,
  tenant: null,
  correlationId: null,
  context: null,
}

/** In the order of the chain, which is not the order of ids. */
export const GOLDEN_ENTRIES: readonly StoredEntry[] = [
  {
    id: '1',
    at: '2026-11-22T10:15:00.123456Z',
    tx: '742',
    op: 'update',
    tableSchema: 'public',
    tableName: 'order',
    rowKey: '42',
    before: '{"status":"OPEN"}',
    after: '{"status":"PAID"}',
    actorId: 'u_42',
    actorType: 'user',
    tenant: null,
    correlationId: 'req-7',
    context: '{"action":"order.pay"}',
    salt: '00112233-4455-6677-8899-aabbccddeeff',
  },
  {
    id: '3',
    at: '2026-11-22T10:15:00.200000Z',
    tx: '743',
    op: 'insert',
    tableSchema: 'public',
    tableName: 'Größe',
    rowKey: '["1","ö"]',
    before: null,
    after: '{"name":"naïve 🚀", "note":""}',
    actorId: '',
    actorType: null,
    tenant: 't,1:x',
    correlationId: null,
    context: null,
    salt: 'ffeeddcc-bbaa-9988-7766-554433221100',
  },
  {
    ...NOTHING,
    id: '2',
    at: '1999-12-31T23:59:59.999999Z',
    tx: '744',
    op: 'event',
    salt: '00000000-0000-0000-0000-000000000000',
  },
]

/** Image hash, entry hash and link hash of each. */
export const GOLDEN_HASHES: readonly (readonly [image: string, entry: string, link: string])[] = [
  [
    '8332f6ff9988d2dc123fe5f05bcd14157a9204c08a319b5da7e20a4f6c4ca60a',
    '455af42b421d8e8db77e6471e060be290ec8d2f2575c7229cb36ac5c55e2a6f2',
    '64f8ee1b42b76276676950ff95949693e98c267a74572139a3259b8a048a000e',
  ],
  [
    '985f569861d58b622cd9ee0899e9c0826ca2f527be36de77deba29f2bec05af6',
    '579bc52c9114859ba6872a86d2eae341195f5f0f01a8f013790a925c26c3b9d5',
    '8acf43e086cda64c228a9cb3dd50731abb8e68f20885c7acc56eb69baee7ba90',
  ],
  [
    '9b7bcd9db2f6c1ec41c28d573a5ce131a4a9627e42aa0b54a720d7e9ce99d8f2',
    '8a48cfe0e4521e6b38bce7c115ef4045b4973935c9cf1e11205dc886a5cba19c',
    '84928dcd72115b2eca4a498d49182c6d966c93a090c1187a7fec30c14939a296',
  ],
]

export const GOLDEN_ORIGIN_HASH = '24deb00cb0841396c8522c2dd0160d71a32e19ca6d60b3345baa2aff062918cb'
export const GOLDEN_ROOT = 'bc939a181f7ed2f80cf93d0c4893dd2c617aa16914745e82fe7698a5c0ee63be'
export const GOLDEN_TREE =
  'ac1d85c24236d053497ff1cf4e9aab70a0cc2f86c4acd2e2bafdda4b5091bdaa8a48cfe0e4521e6b38bce7c115ef4045b4973935c9cf1e11205dc886a5cba19c'

/** The key with the seed 00 01 02 … 1f. */
export const GOLDEN_SIGNING_KEY =
  'PRIVATE+KEY+indelible/7d3f0c52-1a5e-4f0b-9c1d-2b6a8e4f9d10+8ede2e5a+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'
export const GOLDEN_VERIFIER_KEY =
  'indelible/7d3f0c52-1a5e-4f0b-9c1d-2b6a8e4f9d10+8ede2e5a+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4'

export const GOLDEN_NOTE_TEXT = `indelible/7d3f0c52-1a5e-4f0b-9c1d-2b6a8e4f9d10
3
vJOaGB9+0vgM+T0MSJPdLGF6oWkUdF6C/naYpcDuY74=
head hJKNzXIRWy7KSkmNSRgsbZZsk6CQwRh6f+wwwUk5opY=
time 2026-11-22T10:16:00.000000Z
`

export const GOLDEN_NOTE = `${GOLDEN_NOTE_TEXT}
— indelible/7d3f0c52-1a5e-4f0b-9c1d-2b6a8e4f9d10 jt4uWhZ2z7lNvKlt+/DHhPLym8PZW3ifpXJc9He3AkO4bIrP0k2VliUaQb1zuhKZNz0b+4posrYiOkJC9AUGuorSWgA=
`

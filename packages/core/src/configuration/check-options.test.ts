import { expect, test } from 'vitest'
import { resolveAuditOptions } from '../audit-options.ts'
import { captureAuditContext } from '../context/context-snapshot.ts'
import { createRedaction } from '../redact/redaction.ts'
import { followEntries } from '../store/follow-entries.ts'

const refused = (option: string) =>
  expect.objectContaining({ code: 'AUDIT_OPTION_INVALID', facts: { option } })

test.each([
  ['options', null],
  ['options', []],
  ['redacted', { redacted: {} }],
  ['__proto__', JSON.parse('{"__proto__":{"seal":false}}')],
  ['onUncaptured', { onUncaptured: 'explode' }],
  ['nameStatements', { nameStatements: 'yes' }],
  ['onWarning', { onWarning: 'console' }],
  ['requireReason', { requireReason: ['order'] }],
  ['requireReason.tabels', { requireReason: { tabels: ['order'] } }],
  ['requireReason.tables', { requireReason: { tables: 'order' } }],
  ['redact', { redact: true }],
  ['redact.column', { redact: { column: ['iban'] } }],
  ['redact.defaults', { redact: { defaults: 'no' } }],
  ['redact.columns', { redact: { columns: 'iban' } }],
  ['redact.columns', { redact: { columns: ['пароль'] } }],
  ['redact.allow', { redact: { allow: [5] } }],
  ['redact.tables', { redact: { tables: ['User'] } }],
  ['redact.tables.User', { redact: { tables: { User: null } } }],
  ['redact.tables.User.email', { redact: { tables: { User: { email: 'blur' } } } }],
  ['redact.strategy', { redact: { strategy: 'blur' } }],
  ['redact.fingerprintKey', { redact: { strategy: 'fingerprint' } }],
  ['redact.fingerprintKey', { redact: { tables: { User: { email: 'fingerprint' } } } }],
  ['redact.fingerprintKey', { redact: { fingerprintKey: 'short' } }],
  ['redact.fingerprintKey', { redact: { fingerprintKey: {} } }],
  ['seal', { seal: true }],
  ['seal.evry', { seal: { evry: 1 } }],
  ['seal.interval', { seal: { interval: 0 } }],
  ['seal.onCheckpoint', { seal: { onCheckpoint: 'x' } }],
  ['seal.signer', { seal: { signer: {} } }],
])('the option %s of a trail is refused at the start, by name: %j', (option, options) => {
  expect(() => resolveAuditOptions(options as never, {})).toThrow(refused(option))
})

test('a key that stands where its reading should is refused without being told', () => {
  const start = () => resolveAuditOptions({ seal: { signer: 'PRIVATE+KEY+s3cr3t' as never } }, {})
  expect(start).toThrow(refused('seal.signer'))
  expect(start).not.toThrow(/s3cr3t/)
})

test('an option that is undefined is one that was left open', () => {
  const open = { onUncaptured: undefined, redact: { columns: undefined }, seal: { signer: undefined } }
  expect(resolveAuditOptions(open as never, {})).toMatchObject({ capture: { onUncaptured: 'record' } })
})

test('a typo in what is secret is refused wherever redaction is compiled', () => {
  const redact = { column: ['iban'] } as object
  expect(() => createRedaction(redact)).toThrow(refused('redact.column'))
  expect(() => captureAuditContext({ redact })).toThrow(refused('redact.column'))
  expect(() => captureAuditContext({ redakt: {} } as object)).toThrow(refused('redakt'))
})

test.each([
  ['interval', { interval: Number.NaN }],
  ['interval', { interval: 0 }],
  ['last', { last: -1 }],
  ['last', { last: 10_001 }],
  ['signal', { signal: 'stop' }],
  ['intervall', { intervall: 5 }],
])('entries are not followed with a wrong %s: %j', (option, options) => {
  const database = { query: () => Promise.reject(new Error('asked')) }
  expect(() => followEntries(database, {}, options as never)).toThrow(refused(option))
})

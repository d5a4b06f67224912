import type { HttpAuditOptions } from '@indelible/http'
import { expect, test } from 'vitest'
import type { HttpFramework } from '../support/http-framework.ts'

const bad: readonly [option: string, options: object][] = [
  ['actr', { actr: () => undefined }],
  ['audit', { audit: {} }],
  ['actor', { actor: [undefined] }],
  ['onBadCredentials', { onBadCredentials: 'refuse' }],
  ['correlation.header', { correlation: { header: 'x' } }],
  ['correlation.headers', { correlation: { headers: ['a b'] } }],
  ['correlation.responseHeader', { correlation: { responseHeader: 'a\r\nb' } }],
  ['correlation.responseHeader', { correlation: { responseHeader: true } }],
  ['tenant', { tenant: 'acme' }],
  ['trustedProxies', { trustedProxies: -1 }],
  ['trustedProxies', { trustedProxies: ['10.0.0.0/99'] }],
  ['request.body', { request: { body: true } }],
  ['request.body.maxBytes', { request: { body: { maxBytes: 1e9 } } }],
  ['events', { events: { anonymous: false } }],
  ['events.methods', { audit: () => undefined, events: { methods: 'POST' } }],
  ['events.exclude', { audit: () => undefined, events: { exclude: ['health'] } }],
  ['events.anonymous', { audit: () => undefined, events: { anonymous: 'no' } }],
  ['redact.column', { redact: { column: ['iban'] } }],
  ['onError', { onError: 'warn' }],
]

/** That a mistake in the options fails at start-up. */
export function describeOptions(framework: HttpFramework): void {
  test.for(bad)('the option %s is refused at the start, by name: %j', async ([option, options]) => {
    const start = async () => {
      const app = await framework.start({
        audit: options as HttpAuditOptions,
        routes: [],
        onError: () => undefined,
      })
      await app.close()
    }
    await expect(start()).rejects.toMatchObject({
      code: 'AUDIT_OPTION_INVALID',
      facts: { option },
      message: expect.stringContaining(option),
    })
  })
}

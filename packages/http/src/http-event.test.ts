import { expect, test } from 'vitest'
import { describeEvent } from './http-event.ts'

const facts = { action: 'http.request', method: 'POST', place: '/orders', durationMs: 1 }
const told = (error: unknown) => describeEvent(facts, { status: 500, error }).metadata['error']
const errorOf = (code: unknown, name = 'Error') => Object.assign(new Error('hunter2'), { code, name })

test.each([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_X',
  'E_TEST',
  'P2002',
  'E11000',
  '23505',
  '42P01',
  'FST_ERR_CTP_INVALID_MEDIA_TYPE',
  'AUDIT_WRITE_FAILED',
])('an error is told with its code: %s', (code) =>
  expect(told(errorOf(code, 'QueryFailedError'))).toEqual({ name: 'QueryFailedError', code }),
)

test.each([
  'hunter2',
  'HUNTER2HUNTER2',
  'JBSWY3DPEHPK3PXP',
  '4242424242424242',
  '123456',
  'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.',
  'ada@example.com',
  'A'.repeat(65),
  'ERR_X\n',
  '',
  42,
  { secret: 'hunter2' },
])('what may be anything else is not told as a code: %j', (code) =>
  expect(told(errorOf(code))).toEqual({ name: 'Error' }),
)

test.each([
  'PrismaClientKnownRequestError',
  'HTTPException',
  'S3ServiceException',
  'OAuth2Error',
  'ZodError',
])('an error is told with the name of its class: %s', (name) =>
  expect(told(errorOf(undefined, name))).toEqual({ name }),
)

test.each(['wrong password hunter2', 'hunter2', 'A1b2C3d4E5', 'ada@example.com', ''])(
  'what is no name of a class is not told as one: %j',
  (name) => expect(told(errorOf(undefined, name))).toEqual({ name: 'Error' }),
)

test('what is thrown and is no error is told by its type', () => {
  expect([told('hunter2'), told(null), told({ code: 'E_X' })]).toEqual(
    ['string', 'object', 'object'].map((name) => ({ name })),
  )
})

import { expect, test } from 'vitest'
import { describeDriverError } from './driver-error.ts'

test('SQLSTATE and message of an error of a driver adapter', () => {
  const cause = { originalCode: '23505', originalMessage: 'duplicate key', kind: 'UniqueConstraintViolation' }
  expect(describeDriverError({ name: 'DriverAdapterError', cause })).toEqual({
    code: '23505',
    message: 'duplicate key',
  })
  expect(describeDriverError({ cause: { code: '42P01', message: 'no table' } })).toEqual({
    code: '42P01',
    message: 'no table',
  })
})

test.each([
  [new Error('lost'), 'lost'],
  [{ message: 'x', cause: 5 }, 'x'],
  [null, 'undefined'],
  ['text', 'undefined'],
])('anything else has no code: %s', (error, message) =>
  expect(describeDriverError(error)).toEqual({ message }),
)

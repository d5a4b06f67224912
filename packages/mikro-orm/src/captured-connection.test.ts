import { expect, test } from 'vitest'
import { captureConnections } from './captured-connection.ts'

test('a version of MikroORM without the method is refused, and the supported ones are named', () => {
  expect(() => captureConnections({})).toThrow(
    expect.objectContaining({
      code: 'AUDIT_NOT_INSTRUMENTED',
      message: expect.stringContaining('supports 7.2 to 7.x'),
    }),
  )
})

test('a class of connections is wrapped once', () => {
  const connections = { createKysely: () => undefined }
  captureConnections(connections)
  const { createKysely } = connections
  captureConnections(connections)
  expect(connections.createKysely).toBe(createKysely)
})

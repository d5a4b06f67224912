import { expect, inject, test } from 'vitest'
import { runExample } from './run-example.ts'

test('every claim of the demo holds', { timeout: 120_000 }, async () => {
  const { exitCode, output } = await runExample('demo', [String(inject('postgresMajor'))])
  expect(output).toMatch(/(\d+) of \1 claims proved/)
  expect(output).toContain('Prisma, TypeORM, MikroORM: each reads the same 5 entries')
  expect(output).not.toMatch(/NOT TRUE|warning/i)
  expect(exitCode, output).toBe(0)
})

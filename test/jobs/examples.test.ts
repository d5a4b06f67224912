import fs from 'node:fs'
import { fromPgPool, migrate } from '@indelible/core'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { runExample } from '../demo/run-example.ts'
import { createDatabase } from '../support/fresh-database.ts'
import { startRedis } from './support/redis-server.ts'

const redis = await startRedis()
if ('missing' in redis) console.warn(`The example of BullMQ is not run: ${redis.missing}.`)
afterAll(() => ('stop' in redis ? redis.stop() : undefined))

for (const name of ['pg-boss', 'bullmq']) {
  test.skipIf(name === 'bullmq' && 'missing' in redis)(
    `the example of ${name} prints that the worker acted for who asked`,
    { timeout: 60_000 },
    async () => {
      const database = await createDatabase()
      onTestFinished(database.drop)
      await migrate(fromPgPool(database.pool))
      const REDIS_URL = 'port' in redis ? `redis://${redis.host}:${redis.port}` : ''
      const { exitCode, output } = await runExample(name, [], { DATABASE_URL: database.url, REDIS_URL })
      expect(exitCode, output).toBe(0)
      expect(output).toMatch(/^insert u_42 req-7 acme undefined$/m)
      expect(output).toMatch(/^update u_42 req-7 acme \{\s+source: 'job',\s+queue: '\w+',\s+job: '.+',/m)
    },
  )
}

test.each([
  ['pg-boss', 'pg-boss'],
  ['pg-boss-transaction', 'pg-boss'],
  ['bullmq', 'bullmq'],
])('the code of %s in the README is that of an example', (block, example) => {
  const read = (path: string) => fs.readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
  const linesOf = (text: string) => text.split('\n').map((line) => line.trim())
  const [, printed] = read('packages/jobs/README.md').split(`<!-- ${block} -->\n\`\`\`ts\n`)
  const [code = ''] = printed?.split('```') ?? []
  const program = linesOf(read(`examples/${example}/main.ts`))
  expect(code).not.toBe('')
  expect(program).toEqual(expect.arrayContaining(linesOf(code)))
})

import { once } from 'node:events'
import path from 'node:path'
import { fromPgPool, migrate } from '@indelible/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { runIndelible, startIndelible, waitFor } from './run-indelible.ts'

const SCRIPT = path.join(import.meta.dirname, '../context/script.ts')
const node = (...args: string[]) => ['--', process.execPath, ...args]
const evaluate = (code: string) => node('-e', code)

describe('indelible run', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createDatabase({ template: 'empty' })
    await database.query('create table fixed (id serial primary key, name text)')
    await migrate(fromPgPool(database.pool))
    return database.drop
  })

  const script = (args: readonly string[], ...own: string[]) =>
    runIndelible([...args, ...node('--conditions=@indelible/source', SCRIPT, ...own)], {
      env: { DATABASE_URL: database.url },
    })

  test('hands its reason to the entries of a script', async () => {
    const args = ['run', '--reason', 'prices were wrong', '--action', 'price.fix', '-c', 'ticket-4711']
    expect(await script(args, '--require-reason')).toEqual({ code: 0, stdout: '', stderr: '' })
    const rows = await database.query<{ context: object; correlation: string }>(
      'select context, correlation_id as correlation from indelible.entry',
    )
    expect(rows).toEqual([
      {
        correlation: 'ticket-4711',
        context: expect.objectContaining({
          actor: expect.objectContaining({ type: 'os-user' }),
          reason: 'prices were wrong',
          action: 'price.fix',
          metadata: expect.objectContaining({ script: 'script.ts' }),
        }),
      },
    ])
    const { stdout } = await runIndelible(['log', '--action', 'price.fix', '--format', 'jsonl'], {
      url: database.url,
    })
    expect(JSON.parse(stdout)).toMatchObject({ action: 'price.fix', reason: 'prices were wrong' })
    const none = await runIndelible(['log', '--action', 'price', '--format', 'jsonl'], { url: database.url })
    expect(none.stdout).toBe('')
  })
})

describe('the program', () => {
  test('gets a new correlation id each time, and keeps the rest of the environment', async () => {
    const print = evaluate('console.log(process.env.INDELIBLE_CORRELATION_ID, process.env.KEPT)')
    const run = () => runIndelible(['run', '-r', 'why', ...print], { env: { KEPT: 'kept' } })
    const [first, second] = [await run(), await run()]
    expect(first.stdout).toMatch(/^run-[0-9a-f-]{36} kept\n$/)
    expect(second.stdout).not.toBe(first.stdout)
  })

  test.each([0, 1, 2, 77])('that ends with code %i ends the command with it', async (code) => {
    expect(await runIndelible(['run', '-r', 'why', ...evaluate(`process.exit(${code})`)])).toMatchObject({
      code,
    })
  })

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'is handed %s, and may end well, in its own time',
    async (signal) => {
      // Longer than the command waits for itself to end.
      const pause = signal === 'SIGTERM' ? 3500 : 50
      const end = `setTimeout(() => { console.log('put away'); process.exit(5) }, ${pause})`
      const patient = `process.on('${signal}', () => ${end}); console.log('ready'); setInterval(() => {}, 1000)`
      const child = startIndelible(['run', '-r', 'why', ...evaluate(patient)])
      await waitFor(child.stdout, 'ready')
      child.kill(signal)
      expect(await waitFor(child.stdout, 'put away')).toContain('put away')
      await once(child, 'close')
      expect({ code: child.exitCode, signal: child.signalCode }).toEqual({ code: 5, signal: null })
    },
  )

  test.each(['SIGTERM', 'SIGKILL'] as const)('that %s ends, ends the command by it', async (signal) => {
    const child = startIndelible([
      'run',
      '-r',
      'why',
      ...evaluate(`process.kill(process.pid, '${signal}'); setInterval(() => {}, 1000)`),
    ])
    await once(child, 'close')
    expect({ code: child.exitCode, signal: child.signalCode }).toEqual({ code: null, signal })
  })

  test('that is not there is an error', async () => {
    const { code, stderr } = await runIndelible(['run', '-r', 'why', '--', 'no-such-program'])
    expect(code).toBe(2)
    expect(stderr).toContain('no-such-program could not be started')
  })

  test.each([
    [['run', '--', 'true'], '--reason'],
    [['run', '-r', ' ', '--', 'true'], 'must not be empty'],
    [['run', '-r', 'why'], "missing required argument 'command'"],
  ])('%j is misuse', async (args, message) => {
    const { code, stderr } = await runIndelible(args)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})

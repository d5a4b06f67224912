import net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { runIndelible } from './run-indelible.ts'

const SECRET = 'hunter2'
let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase({ template: 'empty' })
})

afterAll(() => database.drop())

describe('the address of the database', () => {
  test('is asked for when nobody gave one', async () => {
    expect(await runIndelible(['status'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: No database was named. Give --database-url, or set INDELIBLE_DATABASE_URL or DATABASE_URL. (CLI_DATABASE_URL_MISSING)\n',
    })
  })

  test('comes from the option, then from INDELIBLE_DATABASE_URL, then from DATABASE_URL', async () => {
    const dead = 'postgres://127.0.0.1:1/x'
    const env = { DATABASE_URL: dead }
    const status = (args: string[], given: Record<string, string>) =>
      runIndelible(['status', ...args], { env: given }).then(({ code }) => code)
    expect(await status([], env)).toBe(2)
    expect(await status([], { ...env, INDELIBLE_DATABASE_URL: database.url })).toBe(1)
    expect(await status(['--database-url', database.url], { ...env, INDELIBLE_DATABASE_URL: dead })).toBe(1)
    expect(await status([], { DATABASE_URL: `${database.url}?schema=public` })).toBe(1)
  })

  test.each([
    `postgres://user:${SECRET}@127.0.0.1:1/shop`,
    `postgres://user:x/${SECRET}@127.0.0.1/shop`,
    `postgres://user:1/${SECRET}@127.0.0.1/shop`,
    `mysql://user:${SECRET}@127.0.0.1/shop`,
    `prisma+postgres://localhost:51213/?api_key=${SECRET}`,
    `host=127.0.0.1 password=${SECRET}`,
    `postgres://user:${SECRET}@store-no-such-host.invalid/shop`,
  ])('never shows its password: %s', async (url) => {
    const { code, stdout, stderr } = await runIndelible(['verify'], { url })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/\(CLI_DATABASE_(URL_INVALID|UNREACHABLE)\)\n$/)
    expect(stderr).not.toContain(SECRET)
  })

  test('where nobody answers is named with its port', async () => {
    const { code, stderr } = await runIndelible(['log'], { url: 'postgres://127.0.0.1:1/x' })
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'error: No database answers at 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1. (CLI_DATABASE_UNREACHABLE)\n',
    })
  })

  test('of something that is no PostgreSQL is an error, not a stack', async () => {
    const server = net.createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as net.AddressInfo
    const { code, stderr } = await runIndelible(['log'], { url: `postgres://127.0.0.1:${port}/x` })
    server.close()
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: .*\(CLI_DATABASE_UNREACHABLE\)\n$/)
  })

  test('of a database without the audit schema leads to the command that makes it', async () => {
    const { code, stderr } = await runIndelible(['log'], { url: database.url })
    expect(code).toBe(2)
    expect(stderr).toContain('`npx indelible migrate` creates it.')
  })
})

describe('help', () => {
  const commands = ['init', 'migrate', 'log', 'show', 'verify', 'seal', 'keygen', 'status']

  test('lists every command', async () => {
    const { code, stdout } = await runIndelible(['--help'])
    expect(code).toBe(0)
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
  })

  test.each(commands)('explains %s', async (command) => {
    const { code, stdout, stderr } = await runIndelible([command, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Usage: indelible ${command}`)
  })

  test('without a command is misuse', async () => {
    expect(await runIndelible([])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Usage:'),
    })
    expect(await runIndelible(['lgo'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean log?'),
    })
  })
})

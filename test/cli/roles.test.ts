import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createAuditedDatabase, log } from './audited-database.ts'
import { type RunResult, runIndelible } from './run-indelible.ts'

const TASKS = ['writer', 'sealer', 'reader'] as const
type Task = (typeof TASKS)[number]
let database: TestDatabase

const nameOf = (task: Task) => `${database.name}_${task}`

beforeAll(async () => {
  database = await createAuditedDatabase()
  for (const task of TASKS) await database.query(`create role "${nameOf(task)}" login password 'secret'`)
  const grants = TASKS.flatMap((task) => [`--${task}`, nameOf(task)])
  await runIndelible(['migrate', ...grants], { url: database.url })
  await log(database, { key: '1', after: { id: 1 } })
})

afterAll(async () => {
  for (const task of TASKS) {
    await database.query(`drop owned by "${nameOf(task)}"`)
    await database.query(`drop role "${nameOf(task)}"`)
  }
  await database.drop()
})

function runAs(task: Task, ...args: string[]): Promise<RunResult> {
  const url = new URL(database.url)
  url.username = nameOf(task)
  url.password = 'secret'
  return runIndelible(args, { url: url.href })
}

test('a sealer needs no other right to seal, and to verify what it sealed', async () => {
  expect(await runAs('sealer', 'seal')).toMatchObject({
    code: 0,
    stderr: 'Sealed 1 entry; the chain has 1.\n',
  })
  expect(await runAs('sealer', 'verify')).toMatchObject({ code: 0 })
})

test('a reader needs no other right to read, verify and ask for the status', async () => {
  expect(await runAs('reader', 'log')).toMatchObject({ code: 0, stdout: expect.stringContaining('id: 1') })
  expect(await runAs('reader', 'show', '1')).toMatchObject({ code: 0 })
  expect(await runAs('reader', 'verify')).toMatchObject({ code: 0 })
  const status = await runAs('reader', 'status')
  expect(status).toMatchObject({ code: 0, stdout: expect.stringMatching(/^entries +1$/m) })
  expect(status.stdout).not.toContain('switch the protection')
})

test.each<[Task, string[]]>([
  ['writer', ['log']],
  ['writer', ['verify']],
  ['writer', ['seal']],
  ['reader', ['seal']],
])('a %s is refused %j, with a hint', async (task, args) => {
  await log(database, { key: '2' })
  const { code, stdout, stderr } = await runAs(task, ...args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/permission denied for .* \(42501\)\nThis role lacks a right/)
})

test('a writer is told the state of the schema, and that it may not see more', async () => {
  const { code, stdout } = await runAs('writer', 'status')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^schema +intact$/m)
  expect(stdout).toMatch(/^entries +this role may not read them$/m)
})

test('who does not own the schema is not led to believe that it gave rights', async () => {
  const { code, stdout, stderr } = await runAs('reader', 'migrate', '--reader', nameOf('writer'))
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(
    /Only the owner of the audit schema gives rights on it: connect as \S+ \(AUDIT_WRITE_FAILED\)/,
  )
})

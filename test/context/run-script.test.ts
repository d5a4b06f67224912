import { hostname, userInfo } from 'node:os'
import { runScript, runWithAuditContext, tryGetAuditContext } from '@indelible/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from '../pg/audited-pool.ts'

let shop: PoolDatabase

beforeAll(async () => {
  shop = await createPoolDatabase('create table fixed (id serial primary key, name text)')
})

afterAll(() => shop.close())

const me = { id: userInfo().username, type: 'os-user', authMethod: 'operating-system' }
const inScript = (options: Parameters<typeof runScript>[1]) => runScript(() => tryGetAuditContext(), options)

test('the writes of a script tell who ran it, where and why, under one correlation id', async () => {
  const pool = shop.audited({}, { onMissingActor: 'reject', requireReason: { tables: ['fixed'] } })
  await runScript(
    async () => {
      await pool.query("insert into fixed (name) values ('one')")
      await pool.query("update fixed set name = 'two'")
    },
    { reason: 'ticket 4711', name: 'fix.mjs', action: 'names.fix', env: {} },
  )
  const entries = await shop.database.query<{ context: Record<string, unknown>; actor: string }>(
    'select actor_id as actor, context from indelible.entry order by id',
  )
  const context = {
    actor: me,
    correlationId: expect.stringMatching(/^script-[0-9a-f-]{36}$/),
    action: 'names.fix',
    reason: 'ticket 4711',
    metadata: { host: hostname(), pid: process.pid, script: 'fix.mjs' },
  }
  expect(entries).toEqual(Array(2).fill({ actor: me.id, context }))
  expect(entries[0]?.context['correlationId']).toBe(entries[1]?.context['correlationId'])
})

test('reason, action and correlation id come from the environment, and the options win', async () => {
  const env = { INDELIBLE_REASON: 'told', INDELIBLE_ACTION: 'a.b', INDELIBLE_CORRELATION_ID: 'run-1' }
  expect(await inScript({ env })).toMatchObject({ reason: 'told', action: 'a.b', correlationId: 'run-1' })
  expect(await inScript({ env, reason: 'own', action: 'c.d' })).toMatchObject({
    reason: 'own',
    action: 'c.d',
  })
})

test('a script that must say why does not run without a reason', async () => {
  let ran = false
  const work = () => (ran = true)
  for (const reason of [undefined, '', ' ']) {
    const said = reason === undefined ? {} : { reason }
    await expect(runScript(work, { ...said, requireReason: true, env: {} })).rejects.toMatchObject({
      code: 'AUDIT_REASON_MISSING',
    })
  }
  expect(ran).toBe(false)
  await runScript(work, { requireReason: true, env: { INDELIBLE_REASON: 'told' } })
  expect(ran).toBe(true)
})

test.each([
  ['requireReson', { requireReson: true }],
  ['requireReason', { requireReason: 'yes' }],
  ['reason', { reason: 4711 }],
])('a script does not run with a wrong option: %s', async (option, options) => {
  let ran = false
  const start = runScript(() => (ran = true), { env: {}, ...options } as object)
  await expect(start).rejects.toMatchObject({ code: 'AUDIT_OPTION_INVALID', facts: { option } })
  expect(ran).toBe(false)
})

test('variables do not choose the actor: SUDO_USER is noted, USER and LOGNAME are not asked', async () => {
  const env = { SUDO_USER: 'mallory', USER: 'root', LOGNAME: 'root', USERNAME: 'root' }
  const context = await inScript({ env })
  expect(context?.actor).toEqual(me)
  expect(context?.metadata).toMatchObject({ sudoUser: 'mallory' })
  expect((await inScript({ env: {} }))?.metadata).not.toHaveProperty('sudoUser')
})

test('a script inherits nothing from the context around it, and an unknown variable stops it', async () => {
  const inside = await runWithAuditContext({ actor: { id: 'web' }, tenant: 'acme' }, () =>
    inScript({ env: {} }),
  )
  expect(inside).toMatchObject({ actor: me })
  expect(inside).not.toHaveProperty('tenant')
  await expect(inScript({ env: { INDELIBLE_RAESON: 'x' } })).rejects.toMatchObject({
    code: 'AUDIT_OPTION_INVALID',
    message: expect.stringContaining('INDELIBLE_REASON'),
  })
})

test('its errors pass through, and its value comes back', async () => {
  const error = new Error('mine')
  await expect(runScript(() => Promise.reject(error), { env: {} })).rejects.toBe(error)
  expect(await runScript(() => 7, { env: {} })).toBe(7)
})

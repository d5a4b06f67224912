import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  getAuditContext,
  runWithAuditContext,
  tryGetAuditContext,
  updateAuditContext,
} from './audit-context.ts'

const actor = (id: string) => ({ actor: { id } })

test('a synchronous work returns its value at once', () => {
  expect(runWithAuditContext(actor('a'), () => getAuditContext().actor?.id)).toBe('a')
  expect(tryGetAuditContext()).toBeUndefined()
})

test('a lazy thenable is started inside the scope', async () => {
  let seen: unknown
  const start: PromiseLike<string>['then'] = (...handlers) => {
    seen = tryGetAuditContext()
    return Promise.resolve('done').then(...handlers)
  }
  // As a Prisma promise does: the work begins when somebody awaits it.
  const lazy: PromiseLike<string> = Object.defineProperty({} as PromiseLike<string>, 'then', { value: start })
  const promise = runWithAuditContext(actor('lazy'), () => lazy)
  expect(await promise).toBe('done')
  expect(seen).toEqual(actor('lazy'))
})

test('an error passes through, and the scope ends', async () => {
  const error = new Error('mine')
  const fail = () => {
    throw error
  }
  expect(() => runWithAuditContext(actor('a'), fail)).toThrow(error)
  await expect(runWithAuditContext(actor('a'), async () => fail())).rejects.toBe(error)
  expect(tryGetAuditContext()).toBeUndefined()
})

test('nested contexts inherit, override, and merge request and metadata one level deep', () => {
  const outer = { ...actor('outer'), tenant: 't', metadata: { a: 1, b: { c: 1 } }, request: { ip: '::1' } }
  const [inside, after] = runWithAuditContext(outer, () => [
    runWithAuditContext({ ...actor('inner'), metadata: { b: { d: 2 } } }, () => getAuditContext()),
    getAuditContext(),
  ])
  expect(inside).toEqual({
    ...actor('inner'),
    tenant: 't',
    metadata: { a: 1, b: { d: 2 } },
    request: { ip: '::1' },
  })
  expect(after).toEqual(outer)
})

test('an update holds for the rest of its scope, and not for the outer one', async () => {
  await runWithAuditContext({ correlationId: 'c' }, async () => {
    await runWithAuditContext({}, async () => {
      await sleep(1)
      updateAuditContext({ ...actor('later'), metadata: { a: 1 } })
      await sleep(1)
      updateAuditContext({ metadata: { b: 2 } })
      expect(getAuditContext()).toEqual({ ...actor('later'), correlationId: 'c', metadata: { a: 1, b: 2 } })
    })
    expect(getAuditContext()).toEqual({ correlationId: 'c' })
  })
})

test('a field that is undefined is one that was not named: it takes nobody’s actor away', () => {
  const outer = { ...actor('ada'), tenant: 't' }
  const open = { actor: undefined, tenant: undefined, reason: 'r' } as object
  const updated = runWithAuditContext(outer, () => {
    updateAuditContext(open)
    return [getAuditContext(), runWithAuditContext(open, getAuditContext)]
  })
  expect(updated).toStrictEqual([
    { ...outer, reason: 'r' },
    { ...outer, reason: 'r' },
  ])
})

test('a context cannot be changed behind the back of the trail', () => {
  const given = { metadata: { a: 1 }, ...actor('a') }
  expect(runWithAuditContext(given, () => Object.isFrozen(getAuditContext()))).toBe(true)
})

test.each([
  [null, /must be an object/],
  ['u_1', /must be an object/],
  [[], /must be an object/],
  [{ actor: null }, /string id/],
  [{ actor: 'u_1' }, /string id/],
  [{ actor: { id: 5 } }, /string id/],
  [{ actor: { id: '' } }, /not empty/],
  [{ actor: { id: ' \n' } }, /not empty/],
])('a wrong context is a TypeError: %j', (context, message) => {
  expect(() => runWithAuditContext(context as never, () => 1)).toThrow(TypeError)
  expect(() => runWithAuditContext(context as never, () => 1)).toThrow(message)
})

test('a second copy of the module shares the context', async () => {
  const path = './audit-context.ts?copy'
  const copy = (await import(path)) as typeof import('./audit-context.ts')
  expect(runWithAuditContext(actor('shared'), () => copy.tryGetAuditContext())).toEqual(actor('shared'))
})

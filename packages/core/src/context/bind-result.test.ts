import { expect, test } from 'vitest'
import { runWithAuditContext, tryGetAuditContext, updateAuditContext, withReason } from './audit-context.ts'

const inside = { actor: { id: 'inside' } }

/** As a query of an ORM does: it begins when somebody awaits it. */
class Lazy implements PromiseLike<unknown> {
  readonly kind = 'lazy'
  readonly #start = () => tryGetAuditContext()

  // biome-ignore lint/suspicious/noThenProperty: this is what a lazy promise is.
  then: PromiseLike<unknown>['then'] = (...handlers) => Promise.resolve(this.#start()).then(...handlers)

  catch() {
    return this.#start()
  }
}

test('lazy promises in an array have the context of the scope wherever they are awaited', async () => {
  const [lazy, plain, started] = runWithAuditContext(
    inside,
    () => [new Lazy(), 7, Promise.resolve(8)] as const,
  )
  expect(await lazy).toEqual(inside)
  expect(lazy.catch()).toEqual(inside)
  expect([plain, await started]).toEqual([7, 8])
  expect(lazy).toBeInstanceOf(Lazy)
  expect(lazy.kind).toBe('lazy')
  expect(tryGetAuditContext()).toBeUndefined()
})

test('an update inside the scope reaches what begins later', async () => {
  const [lazy] = runWithAuditContext({ correlationId: 'c' }, () => {
    updateAuditContext(inside)
    return [new Lazy()]
  })
  expect(await lazy).toEqual({ ...inside, correlationId: 'c' })
})

test('arrays without lazy promises, and promises that run, are handed out as they are', async () => {
  const [list, promise] = [[1, {}, null], Promise.resolve(1)]
  expect(runWithAuditContext(inside, () => list)).toBe(list)
  const promises = [promise]
  expect(runWithAuditContext(inside, () => promises)).toBe(promises)
})

test('the body of a generator runs in the scope that made it', async () => {
  function* steps() {
    yield tryGetAuditContext()
    yield* [tryGetAuditContext()]
  }
  async function* laterSteps() {
    yield tryGetAuditContext()
    await Promise.resolve()
    yield tryGetAuditContext()
  }
  expect(Array.from(runWithAuditContext(inside, steps))).toEqual([inside, inside])
  const found: unknown[] = []
  for await (const each of runWithAuditContext(inside, laterSteps)) {
    found.push(each)
    expect(tryGetAuditContext()).toBeUndefined()
  }
  expect(found).toEqual([inside, inside])
})

test('what is made of a generator runs in its scope', () => {
  const generator = runWithAuditContext(inside, function* () {
    yield tryGetAuditContext()
  })
  // As iterator helpers do, which came with Node.js 22: they call `next` of what they are called on.
  expect(generator[Symbol.iterator]()).toBe(generator)
  expect(generator[Symbol.iterator]().next().value).toEqual(inside)
})

test('the end of a generator that is left early runs in its scope', async () => {
  let last: unknown
  async function* steps() {
    try {
      yield 1
      yield 2
    } finally {
      last = tryGetAuditContext()
    }
  }
  for await (const step of runWithAuditContext(inside, steps)) if (step === 1) break
  expect(last).toEqual(inside)
})

test('withReason adds the reason to the running context, and refuses an empty one', async () => {
  expect(runWithAuditContext(inside, () => withReason('why', () => tryGetAuditContext()))).toEqual({
    ...inside,
    reason: 'why',
  })
  expect(await withReason('why', async () => tryGetAuditContext())).toEqual({ reason: 'why' })
  expect(() => withReason('  ', () => 1)).toThrow(TypeError)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OrmClient, OrmHarness, ShopSession } from '../orm-harness.ts'
import { exact } from '../suite/exact-options.ts'
import { nothing } from '../suite/orm-under-test.ts'
import { createOrmDatabase, type OrmDatabase } from '../suite/twin-databases.ts'
import type { Outcome } from './outcome.ts'

/** With `onUncaptured: 'throw'`, a scenario is refused and changes nothing where it was measured as recorded, and nowhere else. */
export function describeRefusals(
  harness: OrmHarness<ShopSession>,
  measured: ReadonlyMap<string, Outcome>,
): void {
  let shop: OrmDatabase<ShopSession>
  let plain: OrmClient<ShopSession>
  let strict: OrmClient<ShopSession>

  beforeAll(async () => {
    shop = await createOrmDatabase(harness)
    plain = await shop.open({ audit: false })
    strict = await shop.open({ audit: { ...exact, onUncaptured: 'throw' } })
  })

  afterAll(() => shop?.close())

  test.each(harness.scenarios)('$name', async ({ name, arrange, run }) => {
    await arrange?.(plain.native)
    const seen = await shop.oracle.observe(() => failureOf(run(strict.native)))
    if (measured.get(name) === 'recorded') {
      expect(seen).toMatchObject({ result: { code: 'AUDIT_UNCAPTURED' }, ...nothing })
    } else {
      expect(seen.result).toBeUndefined()
      expect(seen.changes).not.toEqual([])
    }
  })
}

/** What the work throws; undefined when it succeeds. */
function failureOf(work: PromiseLike<unknown>): PromiseLike<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

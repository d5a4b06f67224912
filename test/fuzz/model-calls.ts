import type { ShopSession } from '../conformance/orm-harness.ts'
import type { Random } from '../sql/random.ts'

/** What one client does through the calls of its ORM. */
export type Call =
  | { readonly kind: 'create' | 'add' | 'upsert' | 'delete'; readonly sku: string; readonly stock: number }
  | { readonly kind: 'transaction'; readonly calls: readonly Call[]; readonly rollsBack: boolean }

/** Makes so many calls, on nine products, so that clients meet. */
export function randomCalls(random: Random, length: number, depth = 0): readonly Call[] {
  return Array.from({ length }, (): Call => {
    if (depth < 2 && random.below(6) === 0) {
      const calls = randomCalls(random, 1 + random.below(5), depth + 1)
      return { kind: 'transaction', calls, rollsBack: random.below(3) === 0 }
    }
    const kind = random.pick(['create', 'add', 'add', 'upsert', 'upsert', 'delete'] as const)
    return { kind, sku: `sku ${1 + random.below(9)}`, stock: random.below(5) }
  })
}

class RolledBack extends Error {}

/** Runs calls; those that fail are passed over. The first one that fails ends its transaction, as in applications. */
export async function runCalls(session: ShopSession, calls: readonly Call[]): Promise<void> {
  for (const call of calls) await runCall(session, call).catch(() => undefined)
}

async function runCall(session: ShopSession, call: Call): Promise<void> {
  if (call.kind === 'transaction') {
    await session.transaction(async (inside) => {
      for (const each of call.calls) {
        // A nested transaction that fails is rolled back to its savepoint, and the outer one goes on.
        if (each.kind === 'transaction') await runCall(inside, each).catch(() => undefined)
        else await runCall(inside, each)
      }
      if (call.rollsBack) throw new RolledBack()
    })
  } else if (call.kind === 'add') await session.addStock(call.sku, call.stock)
  else if (call.kind === 'delete') await session.deleteProduct(call.sku)
  else if (call.kind === 'upsert') await session.upsertProduct(call)
  else await session.createProduct(call)
}

/** How many of them write. */
export function countCalls(calls: readonly Call[]): number {
  return calls.reduce((count, call) => count + (call.kind === 'transaction' ? countCalls(call.calls) : 1), 0)
}

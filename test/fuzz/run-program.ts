import { inspect } from 'node:util'
import type { Step } from './random-program.ts'

/** Where a program runs. */
export interface FuzzSession {
  sql(text: string, params?: readonly unknown[]): PromiseLike<unknown>
  transaction(work: (session: FuzzSession) => Promise<void>): PromiseLike<unknown>
}

class RolledBack extends Error {}

/** Runs a program, and tells what the application saw of each step: a result or an error. */
export async function runProgram(session: FuzzSession, steps: readonly Step[]): Promise<unknown[]> {
  const seen: unknown[] = []
  for (const step of steps) await runStep(session, step, seen)
  return seen
}

async function runStep(session: FuzzSession, step: Step, seen: unknown[]): Promise<void> {
  try {
    if (step.kind === 'statement') seen.push(inOrder(await session.sql(step.sql, step.params)))
    else await session.transaction((inside) => runInside(inside, step, seen))
  } catch (error) {
    if (!(error instanceof RolledBack))
      seen.push({ error: String(error), sql: step.kind === 'statement' && step.sql })
  }
}

/** The first error ends a transaction, as it does in applications. */
async function runInside(
  session: FuzzSession,
  { steps, rollsBack }: Step & { kind: 'transaction' },
  seen: unknown[],
): Promise<void> {
  for (const step of steps) {
    if (step.kind === 'statement') seen.push(inOrder(await session.sql(step.sql, step.params)))
    else await runStep(session, step, seen)
  }
  if (rollsBack) throw new RolledBack()
}

/** Without ORDER BY rows come as they lie, which differs between two databases. */
function inOrder(result: unknown): unknown {
  if (Array.isArray(result)) return result.toSorted((a, b) => (inspect(a) < inspect(b) ? -1 : 1))
  return typeof result === 'object' && result !== null && 'rows' in result
    ? { ...result, rows: inOrder(result.rows) }
    : result
}

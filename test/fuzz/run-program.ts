import { inspect } from 'node:util'
import type { Param } from './random-key.ts'
import type { StatementStep, Step, TransactionStep } from './random-program.ts'

/** Where a program runs. */
export interface FuzzSession {
  /** `named`: prepared under a name, where the client can. */
  sql(text: string, params?: readonly Param[], named?: boolean): PromiseLike<unknown>
  /** `isolation`: what is to stand behind BEGIN, where the client can. */
  transaction(work: (session: FuzzSession) => Promise<void>, isolation?: string): PromiseLike<unknown>
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
    if (step.kind === 'statement') await runStatement(session, step, seen)
    else await session.transaction((inside) => runInside(inside, step, seen), step.isolation)
  } catch (error) {
    // What a statement was answered is told; this is what COMMIT was.
    if (step.kind === 'transaction' && !(error instanceof RolledBack)) seen.push({ ended: tell(error, '') })
  }
}

async function runStatement(session: FuzzSession, step: StatementStep, seen: unknown[]): Promise<void> {
  try {
    seen.push(inOrder(await session.sql(step.sql, step.params, step.named)))
  } catch (error) {
    seen.push({ error: tell(error, step.sql), sql: step.sql })
    throw error
  }
}

/** The first error ends a transaction, as it does in applications. */
async function runInside(
  session: FuzzSession,
  { steps, rollsBack }: TransactionStep,
  seen: unknown[],
): Promise<void> {
  for (const step of steps) {
    if (step.kind === 'statement') await runStatement(session, step, seen)
    else await runStep(session, step, seen)
  }
  if (rollsBack) throw new RolledBack()
}

/**
 * An UPDATE or DELETE of several rows fails at the first one that may not be so, in the order in which they lie, which differs between two
 * databases: of which row, or of which foreign key in which way, is left open. That it fails for a key or for a foreign key is not.
 */
function tell(error: unknown, sql: string): string {
  const told = String(error)
  if (!/^(?:update|delete|merge|with|$)/.test(sql)) return told
  return told
    .replaceAll(/\)=\(.*?\) (?=already exists|is not present|is (?:still )?referenced)/gs, ')=(…) ')
    .replaceAll(
      /(?:insert or update|update or delete) on table .* violates (?:RESTRICT setting of )?foreign key constraint[\s\S]*/g,
      'a foreign key',
    )
    .replaceAll(
      /Key \([^()]*\)=\(…\) is (?:not present in|(?:still )?referenced from) [^\n]*/g,
      'a foreign key',
    )
    .replaceAll(/\b(?:ForeignKeyConstraintViolation|Driver)Exception: (?=a foreign key)/g, '')
    .replaceAll(/Code: `23(?:001|503)`/g, 'Code: that of foreign keys')
}

/** Without ORDER BY rows come as they lie, which differs between two databases. */
function inOrder(result: unknown): unknown {
  if (Array.isArray(result)) {
    const told = result.map((row) => [inspect(row), row] as const)
    return told.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
  }
  return typeof result === 'object' && result !== null && 'rows' in result
    ? { ...result, rows: inOrder(result.rows) }
    : result
}

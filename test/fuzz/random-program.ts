import type { Random } from '../sql/random.ts'
import type { FuzzSchema } from './random-schema.ts'
import { randomStatement } from './random-statement.ts'

/** What one connection does. */
export type Step =
  | { readonly kind: 'statement'; readonly sql: string; readonly params: readonly number[] }
  | { readonly kind: 'transaction'; readonly steps: readonly Step[]; readonly rollsBack: boolean }

/** Makes a program of so many steps, with transactions inside each other. */
export function randomProgram(random: Random, schema: FuzzSchema, length: number): readonly Step[] {
  return Array.from({ length }, () => randomStep(random, schema, 0))
}

function randomStep(random: Random, schema: FuzzSchema, depth: number): Step {
  if (depth > 1 || random.below(6) > 0) return { kind: 'statement', ...randomStatement(random, schema) }
  const steps = Array.from({ length: 1 + random.below(5) }, () => randomStep(random, schema, depth + 1))
  return { kind: 'transaction', steps, rollsBack: random.below(3) === 0 }
}

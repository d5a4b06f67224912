import type { Audit, AuditOptions } from '@indelible/core'
import type { BenchDatabase } from './bench-database.ts'

/** The ways to write that are compared. All ratios are to `plain`. */
export const variantNames = [
  'plain',
  'plain named',
  'audited',
  'audited unnamed',
  'trigger',
  'sealing',
] as const

/** One of {@link variantNames}. */
export type VariantName = (typeof variantNames)[number]

/** What one call works on. */
export interface Turn {
  /** 0 for the first client. Clients keep to rows of their own. */
  readonly client: number
  /** Never the same twice. */
  readonly number: number
  /** A product of this call's own, where the operation asks for one. */
  readonly spare: number
}

/** What is measured, each as the ORM's users would write it: docs/benchmarks.md says how. */
export type CallName =
  | 'read'
  | 'insert'
  | 'update'
  | 'upsert'
  | 'remove'
  | 'save'
  | 'transaction'
  | 'insertMany'
  | 'updateMany'

/** The calls of one client. */
export type Calls = Readonly<Record<CallName, (turn: Turn) => Promise<unknown>>>

/** An ORM that is connected to the database of one variant. */
export interface OrmClient {
  readonly calls: Calls
  /** `undefined` where nothing is audited. */
  readonly audit: Pick<Audit, 'seal'> | undefined
  close(): Promise<unknown>
}

/** One ORM, or node-postgres itself. */
export interface BenchOrm {
  readonly name: string
  readonly title: string
  /** What it is compared in. */
  readonly variants: readonly VariantName[]
  open(variant: VariantName, database: BenchDatabase): Promise<OrmClient>
}

/** As many sessions as clients, kept for the whole bench: a session opened inside a batch would be counted with it. */
export const sessions = 8

/** The options of a variant that audits. */
export function auditOptionsOf(variant: VariantName): AuditOptions | undefined {
  if (variant === 'audited') return { seal: false }
  if (variant === 'audited unnamed') return { seal: false, nameStatements: false }
  if (variant === 'sealing') return { seal: { interval: 50 } }
  return undefined
}

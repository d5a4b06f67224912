import type { CallName, VariantName } from './bench-orm.ts'

/** One thing that applications do. */
export interface Operation {
  readonly name: string
  readonly call: CallName
  /** Calls of each client in one batch. */
  readonly calls: number
  readonly clients: readonly number[]
  readonly variants: readonly VariantName[]
  /** Whether each call uses up a product that must be there before. */
  readonly spare?: boolean
}

const everywhere = {
  clients: [1, 8],
  variants: ['plain', 'plain named', 'audited', 'audited unnamed', 'trigger'],
} as const

/** All operations, in the order of the table. */
export const operations: readonly Operation[] = [
  { ...everywhere, name: 'read by id', call: 'read', calls: 30 },
  { ...everywhere, name: 'insert', call: 'insert', calls: 20 },
  { ...everywhere, name: 'update by id', call: 'update', calls: 20 },
  { ...everywhere, name: 'upsert (the row exists)', call: 'upsert', calls: 20 },
  { ...everywhere, name: 'delete', call: 'remove', calls: 20, spare: true },
  { ...everywhere, name: 'read, change, save', call: 'save', calls: 12 },
  { ...everywhere, name: 'transaction of 5 writes', call: 'transaction', calls: 8 },
  { ...everywhere, name: 'insert 100 at once', call: 'insertMany', calls: 3 },
  { ...everywhere, name: 'update 200 at once', call: 'updateMany', calls: 3 },
  {
    name: 'update by id, sealer on',
    call: 'update',
    calls: 60,
    clients: [8],
    variants: ['plain', 'sealing'],
  },
]

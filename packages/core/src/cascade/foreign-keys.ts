import type { AuditQueryable } from '../store/audit-database.ts'
import { foreignKeyQuery } from './foreign-key-query.ts'

/** What happens to rows of a table. */
export type Verb = 'delete' | 'update'

/** A column of a table that takes part in foreign key actions. Types and expressions are SQL, every name with its schema. */
export interface ForeignKeyColumn {
  readonly name: string
  readonly type: string
  readonly generated: string | null
  readonly default: string | null
  /** Whether the type itself brings a default, as a domain may. */
  readonly typeDefault: boolean
}

/** A table that takes part in foreign key actions. */
export interface ForeignKeyTable {
  readonly oid: string
  readonly schema: string
  readonly name: string
  readonly partitioned: boolean
  readonly columns: readonly ForeignKeyColumn[]
  /** As `Table.key` of the capture catalog. */
  readonly key: readonly string[]
  readonly partitions: readonly string[]
  /** Whether a BEFORE trigger may change or refuse what an action does. */
  readonly changedBeforeDelete: boolean
  readonly changedBeforeUpdate: boolean
  /** Whether capture triggers enter its rows: those of all of its partitions, of some, or none. */
  readonly captured: 'all' | 'some' | 'none'
  /** Whether nothing but the table itself answers: no rule, no foreign table. */
  readonly plain: boolean
  /** Whether the owner of the audit schema sees all of its rows and may lock them. */
  readonly seen: boolean
}

/** How one pair of columns is compared. */
export interface ColumnPair {
  readonly referenced: string
  readonly referencing: string
  readonly operator: string
  readonly referencedAs: string | null
  readonly referencingAs: string | null
  /** Whether equal values have equal bytes, whichever side's collation compares them. */
  readonly sameText: boolean
}

/** What a foreign key does to its child when a parent's row is deleted, or its key updated. */
export interface Edge {
  readonly parent: string
  readonly child: string
  readonly verb: Verb
  readonly action: 'cascade' | 'set null' | 'set default'
  readonly columns: readonly ColumnPair[]
  /** Whether it refers to a partition of the parent only. */
  readonly ofPartition: boolean
  /** Columns of the child that an action other than a deletion assigns. */
  readonly assigned: readonly string[]
}

/** The foreign key actions of a database; edges in the order in which PostgreSQL fires them. */
export interface ForeignKeys {
  readonly tables: ReadonlyMap<string, ForeignKeyTable>
  readonly edges: readonly Edge[]
}

/** Reads the foreign key actions. The transaction must have `search_path = pg_catalog`. */
export async function readForeignKeys(tx: AuditQueryable): Promise<ForeignKeys> {
  const [row] = await tx.query(foreignKeyQuery)
  const document = JSON.parse(row?.['document'] ?? '{"tables":[],"edges":[]}') as {
    readonly tables: readonly ForeignKeyTable[]
    readonly edges: readonly Edge[]
  }
  return { tables: new Map(document.tables.map((table) => [table.oid, table])), edges: document.edges }
}

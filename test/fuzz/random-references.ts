import type { Random } from '../sql/random.ts'
import type { FuzzColumn, FuzzTable } from './random-schema.ts'

/** A foreign key from one table of a schema to another, or to itself. */
export interface Reference {
  readonly child: FuzzTable
  readonly parent: FuzzTable
  readonly columns: readonly FuzzColumn[]
  /** What stands behind REFERENCES. */
  readonly actions: string
}

const actions = ['cascade', 'cascade', 'set null', 'set default', 'no action', 'restrict'] as const

/** Makes foreign keys: none to two for each table, in chains, diamonds and cycles as it happens. */
export function referencesOf(random: Random, tables: readonly FuzzTable[]): readonly Reference[] {
  const [first, ...others] = tables.filter(({ key }) => key.length > 0)
  if (first === undefined) return []
  const parents: readonly [FuzzTable, ...FuzzTable[]] = [first, ...others]
  return tables.flatMap((child, at) =>
    Array.from({ length: random.pick([0, 1, 1, 2]) }, (_, n) => {
      const parent = random.pick(parents)
      const columns = parent.key.map(({ kind }, place) => ({
        name: `ref_${at}_${n}_${place}`,
        type: { refersTo: kind },
      }))
      return { child, parent, columns, actions: randomActions(random) }
    }),
  )
}

function randomActions(random: Random): string {
  const [onDelete, onUpdate] = [random.pick(actions), random.pick(actions)]
  const deferrable = random.pick(['', '', ' deferrable', ' deferrable initially deferred'])
  return `on delete ${onDelete} on update ${onUpdate}${deferrable}`
}

/** The foreign keys as SQL. */
export function foreignKeys(references: readonly Reference[]): readonly string[] {
  return references.map(({ child, parent, columns, actions }) => {
    const [from, to] = [columns, parent.key].map((list) => list.map(({ name }) => name).join(', '))
    return `alter table ${child.name} add foreign key (${from}) references ${parent.name} (${to}) ${actions}`
  })
}

import { addCaptureTriggers, fromPgPool } from '@indelible/core'
import type pg from 'pg'
import { inject } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from '../pg/audited-pool.ts'
import { sessions, typesSql, type ValueType, valueTypes } from './value-types.ts'

/** How rows get their entries. */
export type Way = 'statement' | 'capture trigger'

/** Both ways of capture. */
export const ways: readonly Way[] = ['statement', 'capture trigger']

/** The types whose values this version of PostgreSQL has, each with a name for its tables. */
export const knownTypes: readonly (ValueType & { readonly name: string })[] = valueTypes
  .map((each, at) => ({ ...each, name: `of_${at}` }))
  .filter(({ since = 0 }) => since <= inject('postgresMajor'))

/** A database whose tables hold values of every type, and an audited pool for each way in which a session may be set. */
export interface ValuesDatabase extends PoolDatabase {
  readonly pools: ReadonlyMap<string, pg.Pool>
  /** Makes tables that are captured in this way, with these columns. */
  create(tables: Readonly<Record<string, string>>, way: Way): Promise<void>
}

/** Creates that database for the tests of a file. */
export async function createValuesDatabase(): Promise<ValuesDatabase> {
  const at = await createPoolDatabase(typesSql)
  const pools = new Map(
    Object.entries(sessions).map(([name, settings]) => [
      name,
      at.audited({ max: 1, options: optionsOf(settings) }),
    ]),
  )
  return {
    ...at,
    pools,
    create: async (tables, way) => {
      const texts = Object.entries(tables).map(([table, columns]) => `create table ${table} (${columns})`)
      await at.database.query(texts.join(';'))
      if (way === 'statement') return
      await addCaptureTriggers(fromPgPool(at.database.pool), Object.keys(tables), {
        redact: { defaults: false },
      })
    },
  }
}

function optionsOf(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[ \\]/g, '\\$&')}`)
    .join(' ')
}

/** The place in the trail behind which the entries of the next work come. */
export async function lastEntry({ database }: PoolDatabase): Promise<string> {
  const [row] = await database.query<{ id: string }>('select coalesce(max(id), 0) as id from indelible.entry')
  return row?.id ?? '0'
}

import { quoteIdentifier } from '../../packages/core/src/sql/quote.ts'
import { assignments, type Draft, oneOf, where } from './draft.ts'

/** Statements of which the trail tells that they ran, and not their rows. */
export const recordedStatements: readonly [(draft: Draft) => string, ...((draft: Draft) => string)[]] = [
  merge,
  merge,
  withRemoved,
  withUpdated,
  truncate,
  addColumn,
]

function merge(draft: Draft): string {
  const { random, table } = draft
  const otherwise = random.pick(['do nothing', 'insert (counted) values (1)'])
  const matched = oneOf(
    random,
    () => `update set ${assignments(draft)}`,
    () => 'delete',
  )
  return (
    `merge into ${table.name} using (select g from generate_series(1, 9) g) s on s.g = ${table.name}.counted ` +
    `when matched then ${matched} when not matched and s.g > 8 then ${otherwise}`
  )
}

function withRemoved(draft: Draft): string {
  return `with gone as (delete from ${draft.table.name}${where(draft)} returning counted) select count(*) as n from gone`
}

function withUpdated(draft: Draft): string {
  const { table } = draft
  return `with changed as (update ${table.name} set ${assignments(draft)}${where(draft)} returning counted) select sum(counted) from changed`
}

function truncate({ random, schema, table }: Draft): string {
  const all = schema.tables.map(({ name }) => name).join(', ')
  return `truncate ${random.pick([table.name, all])}`
}

function addColumn({ random, table }: Draft): string {
  const name = quoteIdentifier(`added ${random.below(1000)}`)
  return `alter table ${table.name} add column ${name} ${random.pick(['int', 'int default 7', 'text'])}`
}

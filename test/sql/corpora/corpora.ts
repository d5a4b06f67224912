import { readFileSync } from 'node:fs'
import { hostileStatements } from './hostile-statements.ts'
import { nastyStatements } from './nasty-statements.ts'

/** What Prisma, TypeORM and MikroORM sent to a server, as its log had it. */
export const ormStatements: readonly string[] = JSON.parse(
  readFileSync(new URL('./orm-statements.json', import.meta.url), 'utf8'),
)

/** All statements by which the planner is judged. */
export const corpora: Readonly<Record<string, readonly string[]>> = {
  hostile: hostileStatements,
  nasty: nastyStatements,
  'sent by ORMs': ormStatements,
}

/** Those from which the fuzz makes new ones. Long texts would take most of its time. */
export const fuzzCorpus: readonly [string, ...string[]] = [
  'select 1',
  ...Object.values(corpora)
    .flat()
    .filter(({ length }) => length < 600),
]

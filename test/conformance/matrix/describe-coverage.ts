import fs from 'node:fs/promises'
import { expect, inject, test } from 'vitest'
import { type CellValue, parseCoverage, renderTables, type Section, withMeasured } from './coverage-file.ts'
import { formSections } from './form-suite.ts'
import { nameOfForm } from './forms.ts'
import { formsByScenarios, type Operation, operationSections } from './operations.ts'
import { type Outcome, worstOf } from './outcome.ts'
import { introduction } from './page.ts'

const PAGE = new URL('../../../docs/coverage.md', import.meta.url)
const orms = ['Prisma', 'TypeORM', 'MikroORM']

/** What was measured of an ORM: of the scenarios of its own, and of the forms of SQL. */
export interface Measured {
  readonly scenarios: ReadonlyMap<string, Outcome>
  readonly forms: ReadonlyMap<string, Outcome>
}

/**
 * The cells of docs/coverage.md for this ORM on this version say what was measured. `vitest -u` writes them, and the whole page
 * around them; cells of other ORMs and versions stay, and are held by their own runs.
 */
export function describeCoverage(orm: string, measured: Measured): void {
  test('no line stands twice', () => {
    const names = sections.flatMap(({ operations }) => operations)
    expect(names).toEqual([...new Set(names)])
  })

  test('every line stands on scenarios that have run', () => {
    const wanted = [...ownOperations, ...formsByScenarios].flatMap(({ scenarios }) => scenarios[orm] ?? [])
    expect(wanted.filter((name) => !measured.scenarios.has(name))).toEqual([])
  })

  test('the page says what was measured', async () => {
    const published = parseCoverage(await fs.readFile(PAGE, 'utf8').catch(() => ''))
    const cells = withMeasured(published, measuredCells(orm, measured), {
      orm,
      major: inject('postgresMajor'),
    })
    const page = `${introduction}\n${renderTables(sections, orms, cells)}`
    await expect(page).toMatchFileSnapshot(PAGE.pathname)
  })
}

const ownOperations = operationSections.flatMap((section) => section.operations)
const forms = formSections.flatMap((section) => section.forms)

const sections: readonly Section[] = [
  ...operationSections.map(({ title, operations }) => ({
    title,
    operations: operations.map(({ operation }) => operation),
  })),
  ...formSections.map((section) => ({
    title: section.title,
    operations: [...new Set(section.forms.map(({ operation }) => operation))],
  })),
]

function measuredCells(orm: string, measured: Measured): Map<string, CellValue> {
  const own = ownOperations.map((each) => [each.operation, ownCell(each, orm, measured)] as const)
  const sql = forms.map(({ operation }) => [operation, formCell(operation, orm, measured)] as const)
  return new Map([...own, ...sql])
}

function ownCell(operation: Operation, orm: string, measured: Measured): CellValue {
  return toCell(outcomesOfOwn(operation, orm, measured), operation)
}

function formCell(operation: string, orm: string, measured: Measured): CellValue {
  const own = formsByScenarios.filter((each) => each.operation === operation)
  const sent = forms.filter((form) => form.operation === operation)
  const all = [
    ...own.flatMap((each) => outcomesOfOwn(each, orm, measured)),
    ...sent.flatMap((form) => measured.forms.get(nameOfForm(form)) ?? []),
  ]
  return toCell(all, { operation })
}

function outcomesOfOwn({ scenarios }: Operation, orm: string, measured: Measured): Outcome[] {
  return (scenarios[orm] ?? []).flatMap((name) => measured.scenarios.get(name) ?? [])
}

/** @throws Error when nothing changed where something should, or the other way round: such a cell would prove nothing. */
function toCell(
  measured: readonly Outcome[],
  { operation, leavesNothing = false }: Pick<Operation, 'operation' | 'leavesNothing'>,
): CellValue {
  if (measured.length === 0) return '-'
  const worst = worstOf(measured)
  if (leavesNothing !== (worst === 'nothing')) throw new Error(`${operation}: measured as ${worst}`)
  return leavesNothing ? 'exact' : worst
}

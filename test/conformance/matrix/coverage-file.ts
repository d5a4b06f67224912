/** The versions of PostgreSQL that docs/coverage.md tells of. */
const majors: readonly number[] = [15, 16, 17, 18]

/** What a cell says on one version: an outcome, `-` where there is no such operation, `?` before it was ever measured. */
export type CellValue = string

/** One cell: what it says on each of the versions. */
export type Cell = readonly CellValue[]

/** The cells of a table: operation, then ORM. */
export type Cells = ReadonlyMap<string, ReadonlyMap<string, Cell>>

/** A part of the page. */
export interface Section {
  readonly title: string
  readonly operations: readonly string[]
}

const unknown: Cell = majors.map(() => '?')

/** Reads the cells of a page that {@link renderCoverage} wrote. Of any other text: none. */
export function parseCoverage(text: string): Cells {
  const cells = new Map<string, Map<string, Cell>>()
  let orms: readonly string[] = []
  for (const line of text.split('\n').filter((each) => each.startsWith('| '))) {
    const [operation = '', ...rest] = line.slice(2, -2).split(' | ')
    if (operation === 'Operation') orms = rest
    else if (!operation.startsWith('---'))
      cells.set(operation, new Map(orms.map((orm, at) => [orm, parseCell(rest[at] ?? '?')])))
  }
  return cells
}

/** Writes the tables of the page. Cells that are not known say `?`. */
export function renderTables(sections: readonly Section[], orms: readonly string[], cells: Cells): string {
  const table = ({ title, operations }: Section) => [
    `## ${title}`,
    '',
    row(['Operation', ...orms]),
    row(['Operation', ...orms].map(() => '---')),
    ...operations.map((operation) =>
      row([operation, ...orms.map((orm) => renderCell(cells.get(operation)?.get(orm) ?? unknown))]),
    ),
    '',
  ]
  return sections.flatMap(table).join('\n')
}

/** Puts what was measured of one ORM on one version in the place of what the cells said. */
export function withMeasured(
  cells: Cells,
  measured: ReadonlyMap<string, CellValue>,
  { orm, major }: { readonly orm: string; readonly major: number },
): Cells {
  const at = majors.indexOf(major)
  const rows = [...measured].map(([operation, value]) => {
    const known = cells.get(operation) ?? new Map<string, Cell>()
    const cell = (known.get(orm) ?? unknown).map((each, index) => (index === at ? value : each))
    return [operation, new Map(known).set(orm, cell)] as const
  })
  return new Map([...cells, ...rows])
}

/** Writes a cell: `exact`, or `recorded (15, 16), exact (17, 18)`. */
export function renderCell(cell: Cell): string {
  const values = [...new Set(cell)]
  if (values.length === 1) return values.join()
  const versionsOf = (value: CellValue) => majors.filter((_, at) => cell[at] === value).join(', ')
  return values.map((value) => `${value} (${versionsOf(value)})`).join(', ')
}

/** Reads what {@link renderCell} wrote. */
export function parseCell(text: string): Cell {
  const parts = [...text.matchAll(/([a-z ?-]+?) \(([\d, ]+)\)/g)]
  if (parts.length === 0) return majors.map(() => text)
  const values = parts.flatMap(([, value = '', versions = '']) =>
    versions.split(', ').map((version) => [version, value.trim()] as const),
  )
  const byVersion = new Map(values)
  return majors.map((major) => byVersion.get(String(major)) ?? '?')
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** Finds the name that differs least from what was written: by inserted, removed and replaced letters. */
export function nearestName(written: string, names: readonly string[]): string {
  const distances = names.map((name) => ({ name, distance: distanceOf(written, name) }))
  return distances.reduce((best, each) => (each.distance < best.distance ? each : best)).name
}

// Wagner and Fischer, row by row.
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...from].entries()) row = nextRow(row, { letter, index, to })
  return row[to.length] ?? 0
}

interface Letter {
  readonly letter: string
  readonly index: number
  readonly to: string
}

function nextRow(row: readonly number[], { letter, index, to }: Letter): number[] {
  const next = [index + 1]
  for (let column = 1; column <= to.length; column += 1) {
    const replaced = (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1)
    next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
  }
  return next
}

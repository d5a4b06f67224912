import fs from 'node:fs'
import path from 'node:path'

const page = path.join(import.meta.dirname, '../docs/benchmarks.md')

/** Puts a text between the markers of a name in docs/benchmarks.md. @throws Error when the page lacks the markers. */
export function writeToPage(name: string, text: string): void {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const old = fs.readFileSync(page, 'utf8')
  const [from, to] = [old.indexOf(start), old.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no place for ${name}`)
  fs.writeFileSync(page, `${old.slice(0, from + start.length)}\n\n${text}\n\n${old.slice(to)}`)
}

import { readFileSync } from 'node:fs'

const DOCUMENT = new URL('../../docs/design/chain-format.md', import.meta.url)

/** The SQL of docs/design/chain-format.md: the second implementation of the format, independent of the first. */
export function readSqlRecipe(): string {
  const blocks = readFileSync(DOCUMENT, 'utf8').matchAll(/^```sql\n(.*?)^```$/gms)
  return [...blocks].map(([, sql]) => sql).join('\n')
}

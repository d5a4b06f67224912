/**
 * Quotes a name for use in SQL, so that it can only ever be a name.
 *
 * @throws TypeError when the name is empty or holds a NUL character, which PostgreSQL has no way to write.
 */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0')) {
    throw new TypeError(`${JSON.stringify(name)} is not the name of a database object`)
  }
  return `"${name.replaceAll('"', '""')}"`
}

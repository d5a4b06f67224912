/** Writes an identifier so that PostgreSQL reads exactly this name. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Writes a string constant that means the same under either setting of `standard_conforming_strings`. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? `e${quoted.replaceAll('\\', '\\\\')}` : quoted
}

/** The name that an identifier stands for, quoted or plain. */
export function nameOf(identifier: string): string {
  return identifier.startsWith('"') ? identifier.slice(1, -1).replaceAll('""', '"') : identifier
}

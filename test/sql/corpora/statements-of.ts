/** Divides a text into statements, which an empty line parts. */
export function statementsOf(text: string): readonly string[] {
  return text.trim().split('\n\n')
}

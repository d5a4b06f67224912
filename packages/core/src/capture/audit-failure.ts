/**
 * Tells whether an error of a rewritten write comes from our part of it. Drivers keep no context line, so the message
 * decides: it names our schema, or a table or constraint of ours.
 */
export function isAuditFailure(code: string | undefined, message: string): boolean {
  if (code === undefined) return false
  return /\bindelible\b|"indelible_|relation "(?:entry|pending)"|table "?(?:entry|pending)"?/.test(message)
}

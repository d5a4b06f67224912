const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?(Z|[+-]\d\d(?::?\d\d)?)?$/i

/**
 * Writes a moment so that PostgreSQL reads it alike under every TimeZone and DateStyle: ISO 8601 with a zone.
 *
 * @throws TypeError when it is not a valid Date or ISO 8601 text.
 */
export function toTimestamp(moment: Date | string): string {
  const text = moment instanceof Date ? dateToIso(moment) : moment
  const match = ISO.exec(text)
  if (!match) throw new TypeError(`${JSON.stringify(text)} is not a time: write it as 2026-01-31T12:00:00Z`)
  return match[1] ? text : `${text}Z`
}

function dateToIso(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString()
}

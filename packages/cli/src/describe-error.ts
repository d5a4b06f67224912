import { escapeControlsInLines } from './output/escape-controls.ts'

/** Says an error in one or a few lines, with its code, for standard error. Never a stack, never a parameter of a query. */
export function describeError(error: unknown): string {
  const { message, code } = readError(error)
  const hint = code === undefined ? undefined : HINTS[code]
  const said = code === undefined ? message : `${message} (${code})`
  return escapeControlsInLines(hint === undefined ? said : `${said}\n${hint}`)
}

/** By PostgreSQL's error code: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const HINTS: Readonly<Record<string, string>> = {
  '3F000': 'Is the audit schema in this database? `npx indelible migrate` creates it.',
  '42P01': 'Is the audit schema in this database? `npx indelible migrate` creates it.',
  '42501':
    'This role lacks a right. `npx indelible migrate --reader <role>` (--sealer, --writer) gives the rights of a task.',
  '42704': 'Create the role first: `create role <name> login`.',
  '25006': 'This server is read-only (a standby?): connect to the primary.',
}

function readError(error: unknown): { message: string; code: string | undefined } {
  if (!(error instanceof Error)) return { message: String(error), code: undefined }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return { message: error.message || readFirst(error) || error.name, code }
}

/** Node reports a refused connection to a name with several addresses as an AggregateError without a message. */
function readFirst(error: Error): string | undefined {
  if (!(error instanceof AggregateError)) return undefined
  const [first] = error.errors
  return first instanceof Error ? first.message : undefined
}

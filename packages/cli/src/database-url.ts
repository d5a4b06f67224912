import { CliError } from './cli-error.ts'

/** Where the address of the database comes from, first to last. */
const URL_VARIABLES = ['INDELIBLE_DATABASE_URL', 'DATABASE_URL'] as const

/**
 * Chooses the address of the database: the option, then the environment.
 *
 * @throws CliError when there is none, or it cannot be one. The message never holds the address: a password may be in it.
 */
export function resolveDatabaseUrl(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const variable = URL_VARIABLES.find((name) => env[name])
  const url = option ?? (variable && env[variable])
  if (!url) throw missing()
  assertAddress(url, option === undefined ? `${variable}` : '--database-url')
  return url
}

function missing(): CliError {
  return new CliError(
    'CLI_DATABASE_URL_MISSING',
    'No database was named. Give --database-url, or set INDELIBLE_DATABASE_URL or DATABASE_URL.',
  )
}

function assertAddress(text: string, source: string): void {
  if (!URL.canParse(text))
    throw invalid(source, 'it is not an address such as postgresql://user@host:5432/database')
  const { protocol, pathname } = new URL(text)
  if (protocol.startsWith('prisma')) {
    throw invalid(source, "it leads to Prisma's own proxy; give the direct address of PostgreSQL")
  }
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') {
    throw invalid(source, 'it does not begin with postgresql://')
  }
  // `postgres://u:p/w@host/db`: a part of the password stands where the host, the port or the database should.
  if (pathname.includes('@'))
    throw invalid(source, 'a special character in its user or password must be percent-encoded')
}

function invalid(source: string, reason: string): CliError {
  return new CliError(
    'CLI_DATABASE_URL_INVALID',
    `The database address in ${source} cannot be used: ${reason}.`,
  )
}

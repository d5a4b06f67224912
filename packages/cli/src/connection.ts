import { type AuditDatabase, fromPgPool } from '@indelible/core'
import type { Command } from 'commander'
import pg from 'pg'
import type { CliContext } from './cli-context.ts'
import { CliError } from './cli-error.ts'
import { resolveDatabaseUrl } from './database-url.ts'

/** The option that every command with a database has. */
export interface DatabaseOptions {
  readonly databaseUrl?: string
}

/** Adds `--database-url` to a command. */
export function addDatabaseOption(command: Command): Command {
  return command.option(
    '--database-url <url>',
    'address of the database; else INDELIBLE_DATABASE_URL or DATABASE_URL. Other users may see what stands on a command line',
  )
}

/**
 * Opens the database for the time of `work`, and closes it however that ends.
 *
 * @throws CliError when no address is given or nobody answers there.
 */
export async function withDatabase<T>(
  context: CliContext,
  { databaseUrl }: DatabaseOptions,
  work: (database: AuditDatabase) => Promise<T>,
): Promise<T> {
  const pool = createPool(resolveDatabaseUrl(databaseUrl, context.env))
  try {
    await connect(pool)
    return await work(fromPgPool(pool))
  } finally {
    await pool.end()
  }
}

function createPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: 3,
    connectionTimeoutMillis: 10_000,
    application_name: 'indelible',
  })
  // A connection lost while idle. The next query on the pool opens another or rejects.
  pool.on('error', () => {})
  return pool
}

async function connect(pool: pg.Pool): Promise<void> {
  try {
    const client = await pool.connect()
    client.release()
  } catch (error) {
    throw unreachable(pool, error)
  }
}

function unreachable(pool: pg.Pool, cause: unknown): CliError {
  const { host, port } = new pg.Client(pool.options)
  const reason = cause instanceof AggregateError ? cause.errors[0] : cause
  const said = reason instanceof Error ? reason.message : String(reason)
  return new CliError('CLI_DATABASE_UNREACHABLE', `No database answers at ${host}:${port}: ${said}.`, cause)
}

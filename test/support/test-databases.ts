import pg from 'pg'
import { hasDockerEngine, startDockerPostgres } from './docker-postgres.ts'
import { type PostgresServer, startPostgres } from './embedded-postgres.ts'
import type { PostgresMajor } from './postgres-binaries.ts'

/** The server that a test project runs against. */
export interface TestServer extends PostgresServer {
  /** Version of the running server, such as `18.4`. */
  readonly version: string
  /** Why the better choices were passed over. Empty when there were none. */
  readonly passedOver: readonly string[]
}

/**
 * Chooses the server for the tests of one major version: the address in the environment, a container, npm's binaries.
 *
 * @throws Error when the address is set and the server does not answer: a run must never quietly test something else.
 */
export async function startTestServer(major: PostgresMajor): Promise<TestServer> {
  const passedOver: string[] = []
  const server =
    (await useAddress(addressVariable(major), passedOver)) ??
    (await useDocker(major, passedOver)) ??
    (await startPostgres({ major }))
  return { ...server, version: await readVersion(server.url), passedOver }
}

/** One line for the log of the run. */
export function describeTestServer({ version, label, passedOver }: TestServer): string {
  const why = passedOver.length > 0 ? ` (${passedOver.join(', ')})` : ''
  return `PostgreSQL ${version}: ${label}${why}`
}

function addressVariable(major: PostgresMajor): string {
  return major === 18 ? 'TEST_DATABASE_URL' : `TEST_DATABASE_URL_${major}`
}

async function useAddress(variable: string, passedOver: string[]): Promise<PostgresServer | undefined> {
  const url = process.env[variable]
  if (!url) {
    passedOver.push(`${variable} is not set`)
    return undefined
  }
  try {
    await readVersion(url)
  } catch (cause) {
    throw new Error(`${variable} is set, but no server answers there: correct or unset it`, { cause })
  }
  return { url, label: `server of ${variable}`, stop: async () => {} }
}

async function useDocker(major: PostgresMajor, passedOver: string[]): Promise<PostgresServer | undefined> {
  if (!(await hasDockerEngine())) {
    passedOver.push('no Docker engine answers')
    return undefined
  }
  try {
    return await startDockerPostgres(major)
  } catch (error) {
    const [reason] = String(error).split('\n')
    passedOver.push(`Docker could not start it: ${reason}`)
    return undefined
  }
}

async function readVersion(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ version: string }>(
      "select split_part(current_setting('server_version'), ' ', 1) as version",
    )
    return rows[0]?.version ?? 'of unknown version'
  } finally {
    await client.end()
  }
}

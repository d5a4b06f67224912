import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { withDatabase } from './database-url.ts'
import type { PostgresMajor } from './postgres-binaries.ts'
import { createShopSchema } from './shop-schema.ts'
import { describeTestServer, startTestServer } from './test-databases.ts'

/** What a test file needs to know about the server of its project. */
export interface TestServerAddress {
  readonly url: string
  readonly major: number
  /** Every database of this run starts with it. */
  readonly prefix: string
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Set by the project in vitest.config.ts. */
    postgresMajor: PostgresMajor
    /** Set by this file. */
    postgres: TestServerAddress
  }
}

/** Starts the project's server and its template database; the function returned removes all that the run has made. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestServer(project.getProvidedContext().postgresMajor)
  console.log(describeTestServer(server))
  const admin = new pg.Client(server.url)
  await admin.connect()
  const prefix = `indelible_${randomBytes(4).toString('hex')}_`
  const tearDown = async () => {
    await dropDatabases(admin, prefix)
    await admin.end()
    await server.stop()
  }
  try {
    await admin.query(`create database "${prefix}shop" template template0`)
    await createShopSchema(withDatabase(server.url, `${prefix}shop`))
  } catch (error) {
    await tearDown()
    throw error
  }
  project.provide('postgres', { url: server.url, major: Number.parseInt(server.version, 10), prefix })
  return tearDown
}

async function dropDatabases(admin: pg.Client, prefix: string): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    'select datname as name from pg_database where starts_with(datname, $1)',
    [prefix],
  )
  for (const { name } of rows) await admin.query(`drop database if exists "${name}" with (force)`)
}

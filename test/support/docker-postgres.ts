import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import type { PostgresServer } from './embedded-postgres.ts'
import type { PostgresMajor } from './postgres-binaries.ts'

/** Tells whether a Docker engine answers. An installed `docker` command proves nothing. */
export async function hasDockerEngine(): Promise<boolean> {
  for (const address of engineAddresses(process.env['DOCKER_HOST'])) {
    if (await answersPing(address)) return true
  }
  return false
}

/**
 * Starts `postgres:<major>` in a container that testcontainers removes, also when this process is killed.
 *
 * @throws Error when testcontainers does not run on this version of Node, or the image cannot be fetched or started.
 */
export async function startDockerPostgres(major: PostgresMajor): Promise<PostgresServer> {
  // Imported only where there is an engine: testcontainers 12 does not even load on Node 20.
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql')
  const image = `postgres:${major}`
  const settings = ['-c', 'fsync=off', '-c', 'max_connections=200']
  const container = await new PostgreSqlContainer(image).withCommand(['postgres', ...settings]).start()
  return {
    url: container.getConnectionUri(),
    label: `container of ${image}`,
    stop: async () => void (await container.stop()),
  }
}

type EngineAddress = { readonly socketPath: string } | { readonly host: string; readonly port: string }

function engineAddresses(dockerHost: string | undefined): EngineAddress[] {
  if (dockerHost) return [parseDockerHost(dockerHost)]
  const runtimeFolder = process.env['XDG_RUNTIME_DIR']
  const sockets = [
    '/var/run/docker.sock',
    ...(runtimeFolder ? [path.join(runtimeFolder, 'docker.sock')] : []),
    path.join(os.homedir(), '.docker/run/docker.sock'),
  ]
  return sockets.filter((socket) => fs.existsSync(socket)).map((socketPath) => ({ socketPath }))
}

function parseDockerHost(dockerHost: string): EngineAddress {
  if (dockerHost.startsWith('unix://')) return { socketPath: dockerHost.slice('unix://'.length) }
  const { hostname, port } = new URL(dockerHost)
  return { host: hostname, port: port || '2375' }
}

function answersPing(address: EngineAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ ...address, path: '/_ping', timeout: 1000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.once('error', () => resolve(false))
    request.once('timeout', () => request.destroy())
  })
}

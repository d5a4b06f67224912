import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

/** A Redis server, or why there is none. */
export type TestRedis =
  | { readonly host: string; readonly port: number; readonly stop: () => Promise<void> }
  | { readonly missing: string }

/** Uses the server at `TEST_REDIS_URL`, or starts the `redis-server` on PATH (or `REDIS_SERVER`), which keeps nothing on disk. */
export async function startRedis(): Promise<TestRedis> {
  const given = process.env['TEST_REDIS_URL']
  if (given) {
    const { hostname, port } = new URL(given)
    return { host: hostname, port: Number(port || 6379), stop: async () => {} }
  }
  const command = process.env['REDIS_SERVER'] ?? 'redis-server'
  if (spawnSync(command, ['--version']).status !== 0) {
    return { missing: 'no redis-server on PATH and no TEST_REDIS_URL' }
  }
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const server = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'], cwd: '/' })
  for await (const line of createInterface(server.stdout)) {
    if (line.includes('Ready to accept connections')) break
  }
  server.stdout.resume()
  return {
    host: '127.0.0.1',
    port,
    stop: async () => {
      const ended = once(server, 'exit')
      server.kill()
      await ended
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port')
  return address.port
}

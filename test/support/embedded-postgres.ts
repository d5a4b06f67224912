import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type PostgresMajor, prepareBinaries } from './postgres-binaries.ts'
import { getUnprivilegedUser, type SystemUser } from './unprivileged-user.ts'

/** A server to connect to. */
export interface PostgresServer {
  /** Address of a superuser's session, with a database that exists. */
  readonly url: string
  /** What it is, in a few words. */
  readonly label: string
  /** Stops the server and removes its data. Resolves when both are gone. */
  stop(): Promise<void>
}

/** What kind of throw-away server to start. */
export interface PostgresOptions {
  /** Major version. Default 18. */
  readonly major?: PostgresMajor
  /** Whether a commit reaches the disk, as on a server with real data. Costs a sync per commit. Default false. */
  readonly durable?: boolean
}

/**
 * Starts a throw-away PostgreSQL server from binaries that npm installed: no Docker, no system package, any user.
 *
 * The server listens on a free port of 127.0.0.1 and trusts every connection. It goes away with its data when `stop` is called
 * and also when this process dies, by whatever signal.
 *
 * @example
 * const server = await startPostgres({ major: 18 })
 * const client = new pg.Client(server.url)
 * // …
 * await server.stop()
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { major = 18, durable = false } = options
  const user = getUnprivilegedUser()
  const { folder, version } = prepareBinaries(major, user)
  const home = createHome(user)
  const data = path.join(home, 'data')
  initialiseData(path.join(folder, 'bin', 'initdb'), data, user)
  const port = await findFreePort()
  const command = [path.join(folder, 'bin', 'postgres'), '-D', data, '-p', `${port}`, ...settings(durable)]
  const child = spawnGuarded(command, home, user)
  await ready(child)
  const as = user.uid === undefined ? '' : `, run as uid ${user.uid}`
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    label: `throw-away server from the npm binaries ${version}${durable ? ', durable' : ''}${as}`,
    stop: () => stop(child, home),
  }
}

function createHome({ uid, gid }: SystemUser): string {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'indelible-postgres-'))
  if (uid !== undefined && gid !== undefined) fs.chownSync(home, uid, gid)
  return home
}

function initialiseData(initdb: string, data: string, user: SystemUser): void {
  const options = ['--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C']
  const run = spawnSync(initdb, ['-D', data, '-U', 'postgres', ...options], {
    ...user,
    cwd: '/',
    encoding: 'utf8',
  })
  if (run.status !== 0) {
    fs.rmSync(path.dirname(data), { recursive: true, force: true })
    throw new Error(`initdb failed: ${run.stderr || run.error?.message}`)
  }
}

function settings(durable: boolean): string[] {
  const careless = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']
  const always = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    // The default leaves segments in /dev/shm when the server is killed; these lie in the data folder and go with it.
    'dynamic_shared_memory_type=mmap',
  ]
  return [...always, ...(durable ? [] : careless)].flatMap((setting) => ['-c', setting])
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

/**
 * Our end of fd 3 closes when this process ends, even by SIGKILL. Then the watcher stops the server: SIGINT is its fast shutdown,
 * which ends all sessions and, unlike SIGQUIT, leaves no shared memory behind.
 */
const GUARD = `
  exec 3<&0
  "$@" </dev/null 3<&- & server=$!
  { cat <&3 >/dev/null; kill -INT $server 2>/dev/null; } & watcher=$!
  exec 3<&-
  wait $server; status=$?
  kill $watcher 2>/dev/null
  rm -rf "$0"
  exit $status`

function spawnGuarded(
  [program = '', ...rest]: readonly string[],
  home: string,
  user: SystemUser,
): ChildProcess {
  if (process.platform === 'win32') return spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'] })
  // Detached: Ctrl+C must reach the test runner first, which closes its sessions and then stops the server.
  return spawn('/bin/sh', ['-c', GUARD, home, program, ...rest], {
    ...user,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  })
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = ''
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${log}`)))
    child.stderr?.on('data', (chunk) => {
      log += chunk
      if (!log.includes('ready to accept connections')) return
      child.stderr?.removeAllListeners('data').resume()
      release(child)
      resolve()
    })
  })
}

/** Lets this process end while the server still runs; the guard cleans up behind it. */
function release(child: ChildProcess): void {
  child.unref()
  for (const stream of [child.stdin, child.stderr]) (stream as net.Socket | null)?.unref()
}

async function stop(child: ChildProcess, home: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.ref()
    if (child.stdin) child.stdin.end()
    else child.kill()
    await exited
  }
  fs.rmSync(home, { recursive: true, force: true })
}

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

const MAIN = path.join(import.meta.dirname, '../../packages/cli/src/main.ts')

/** Stripping the types of the sources takes most of the time of a start: it is done once. */
const NODE_COMPILE_CACHE = path.join(import.meta.dirname, '../../node_modules/.cache/indelible-cli')

/** How the command is started. */
export interface RunOptions {
  /** Set as INDELIBLE_DATABASE_URL. */
  readonly url?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** How the command has ended. */
export interface RunResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the `indelible` command from its source, in a process of its own and with nothing of this one's environment. */
export async function runIndelible(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = startIndelible(args, options)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}

/** Starts the command and leaves it running. */
export function startIndelible(
  args: readonly string[],
  { url, env = {}, cwd }: RunOptions = {},
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, ['--conditions=@indelible/source', MAIN, ...args], {
    cwd,
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE,
      ...(url && { INDELIBLE_DATABASE_URL: url }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Collects what a stream says until `pattern` appears in it. */
export async function waitFor(stream: Readable, pattern: string): Promise<string> {
  let said = ''
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    said += chunk
    if (said.includes(pattern)) return said
  }
  throw new Error(`the stream ended without ${JSON.stringify(pattern)}: ${said}`)
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const ROOT = path.join(import.meta.dirname, '../../..')

/** An example application that runs as a user would run it. */
export interface ServerExample {
  readonly url: string
  /** Sends SIGTERM and waits for its end. */
  stop(): Promise<{ readonly exitCode: number | null; readonly output: string }>
}

/** Starts `examples/<name>/main.ts` on a free port, from the sources of the packages. @throws Error when it ends before it listens. */
export async function startExample(name: string, env: NodeJS.ProcessEnv): Promise<ServerExample> {
  const script = path.join(ROOT, 'examples', name, 'main.ts')
  const child = spawn(process.execPath, ['--conditions=@indelible/source', script], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const port = await portOf(child, () => output)
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const closed = child.exitCode === null ? once(child, 'close') : undefined
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 30_000)
      await closed
      clearTimeout(timer)
      return { exitCode: child.exitCode, output }
    },
  }
}

/** An example prints where it listens: `listening at …:3000`, or the address with its `port: 3000`. */
async function portOf(child: ChildProcess, output: () => string): Promise<number> {
  for (;;) {
    const [, port] = /listening at[\s\S]*?(?:port: |:)(\d{2,5})\b/.exec(output()) ?? []
    if (port !== undefined) return Number(port)
    if (child.exitCode !== null) throw new Error(`the example ended before it listened: ${output()}`)
    await sleep(20)
  }
}

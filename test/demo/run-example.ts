import { spawn } from 'node:child_process'
import path from 'node:path'

/** How an example ended. */
export interface ExampleRun {
  readonly exitCode: number | null
  readonly output: string
}

const ROOT = path.join(import.meta.dirname, '../..')

/** Runs `examples/<name>/main.ts` as a user would, from the sources of the packages. */
export function runExample(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<ExampleRun> {
  const script = path.join(ROOT, 'examples', name, 'main.ts')
  const child = spawn(process.execPath, ['--conditions=@indelible/source', script, ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode) => resolve({ exitCode, output }))
  })
}

import { spawn } from 'node:child_process'
import type { CliContext } from './cli-context.ts'
import { CliError } from './cli-error.ts'

/** How a program has ended. */
export interface ChildEnding {
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * Runs a program on the streams of this process and hands on the signals that come for it.
 *
 * @throws CliError when it cannot be started.
 */
export function runChild(
  { cwd, takeSignals }: Pick<CliContext, 'cwd' | 'takeSignals'>,
  [program, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
): Promise<ChildEnding> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: 'inherit' })
    takeSignals((signal) => child.kill(signal))
    child.once('error', (cause) => reject(notStarted(program, cause)))
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
}

function notStarted(program: string, cause: Error): CliError {
  return new CliError('CLI_COMMAND_FAILED', `${program} could not be started: ${cause.message}`, cause)
}

import { constants } from 'node:os'
import { CommanderError } from 'commander'
import type { CliContext, ExitCode } from './cli-context.ts'
import { describeError } from './describe-error.ts'
import { createTerminal } from './output/terminal.ts'
import { createProgram } from './program.ts'
import type { ChildEnding } from './run-child.ts'

/**
 * Runs the command line of a process and sets its exit code: 0 when all is well, 1 when something was found, 2 when it could not be
 * done, 130 after Ctrl-C, 143 after SIGTERM.
 */
export async function runCli(process: NodeJS.Process): Promise<void> {
  const stop = new AbortController()
  const signals = stopOnSignal(process, stop)
  leaveQuietlyWhenNobodyReads(process)
  const context = createContext(process, stop.signal, signals)
  try {
    await createProgram(context).parseAsync(process.argv)
  } catch (error) {
    if (stop.signal.aborted) return
    process.exitCode = report(context, error)
  }
}

function createContext(process: NodeJS.Process, signal: AbortSignal, signals: Signals): CliContext {
  return {
    terminal: createTerminal(process),
    env: process.env,
    cwd: process.cwd(),
    signal,
    now: () => new Date(),
    setExitCode: (code) => {
      process.exitCode ??= code
    },
    takeSignals: (handOn) => {
      signals.handOn = handOn
      process.on('SIGHUP', handOn)
    },
    endLike: (ending) => endLike(process, ending, signals),
  }
}

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const

/** Time for a command to put its things away. */
const GRACE_MILLISECONDS = 3000

function endLike(process: NodeJS.Process, { code, signal }: ChildEnding, { release }: Signals): void {
  release()
  // As a shell says it, should the signal not end us: the first process of a container survives its own.
  process.exitCode = signal === null ? (code ?? 2) : 128 + constants.signals[signal]
  if (signal !== null) process.kill(process.pid, signal)
}

/** Where signals go. */
interface Signals {
  /** Set while a program of the user's runs. */
  handOn?: (signal: NodeJS.Signals) => void
  /** Leaves signals to the system from now on. */
  readonly release: () => void
}

/** The first signal asks the command to end, the second one ends the process; so does waiting too long. */
function stopOnSignal(process: NodeJS.Process, stop: AbortController): Signals {
  const signals: Signals = {
    release: () => ['SIGHUP', 'SIGINT', 'SIGTERM'].map((signal) => process.removeAllListeners(signal)),
  }
  for (const [signal, code] of SIGNALS) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to all programs in front of it: what it runs has had its own.
      if (signals.handOn)
        return signal === 'SIGINT' && process.stdin.isTTY ? undefined : signals.handOn(signal)
      process.exitCode = code
      if (stop.signal.aborted) process.exit()
      stop.abort()
      setTimeout(() => process.exit(), GRACE_MILLISECONDS).unref()
    })
  }
  return signals
}

/** `indelible log | head` closes the pipe early: that is no error. What is known of the exit code by then stays. */
function leaveQuietlyWhenNobodyReads(process: NodeJS.Process): void {
  const leave = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  }
  process.stdout.on('error', leave)
  process.stderr.on('error', leave)
}

function report({ terminal }: CliContext, error: unknown): ExitCode {
  // commander has said what is wrong; its code 0 means that help or the version was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  terminal.note(`${terminal.noteColors.red('error')}: ${describeError(error)}`)
  return 2
}

import type { Terminal } from './output/terminal.ts'
import type { ChildEnding } from './run-child.ts'

/** How a command ended: all well; something was found; it could not be done. */
export type ExitCode = 0 | 1 | 2

/** What a command knows of the world. */
export interface CliContext {
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that relative paths start from. */
  readonly cwd: string
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal
  readonly now: () => Date
  /** Sets the exit code. Without it, a command that ends ends well. */
  readonly setExitCode: (code: ExitCode) => void
  /** From now on signals that ask this process to end go to a program that it runs, and end nothing here. */
  readonly takeSignals: (handOn: (signal: NodeJS.Signals) => void) => void
  /** Ends as a program has ended that this process ran: with its exit code, or by the same signal. */
  readonly endLike: (ending: ChildEnding) => void
}

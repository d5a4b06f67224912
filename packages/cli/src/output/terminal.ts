import { once } from 'node:events'
import type { WriteStream } from 'node:tty'
import picocolors from 'picocolors'

/** Paints text, or leaves it alone. */
export type Colors = ReturnType<typeof picocolors.createColors>

/** Where a command writes to. Text of foreign origin must have passed `escapeControls` before. */
export interface Terminal {
  /** Results: standard output. Resolves when the reader can take more. */
  print(text: string): Promise<void>
  /** News about the work: standard error. */
  note(text: string): void
  /** Draws one line on standard error in place of the one drawn before. Only where {@link canRedraw}. */
  draw(line: string): void
  readonly colors: Colors
  readonly noteColors: Colors
  /** Width of standard output in columns; undefined when it is not a terminal. */
  readonly columns: number | undefined
  /** Whether standard error is a terminal, on which a line can be drawn again. */
  readonly canRedraw: boolean
}

/** The streams and the environment of a process. */
export interface TerminalSource {
  readonly stdout: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>
  readonly stderr: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY'>>
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Creates the terminal of a process. */
export function createTerminal({ stdout, stderr, env }: TerminalSource): Terminal {
  return {
    print: (text) => print(stdout, text),
    note: (text) => void stderr.write(`${text}\n`),
    // Back to the start of the line, write, and erase what is left of the old line: ECMA-48 EL.
    draw: (line) => void stderr.write(`\r${line}\x1b[K`),
    colors: picocolors.createColors(hasColors(stdout.isTTY, env)),
    noteColors: picocolors.createColors(hasColors(stderr.isTTY, env)),
    columns: stdout.isTTY ? stdout.columns : undefined,
    canRedraw: stderr.isTTY === true && env['TERM'] !== 'dumb',
  }
}

/** https://no-color.org, and FORCE_COLOR as Node has it. Without either: only a terminal gets colours. */
function hasColors(isTTY: boolean | undefined, env: TerminalSource['env']): boolean {
  if (env['NO_COLOR']) return false
  const force = env['FORCE_COLOR']
  if (force !== undefined && force !== '') return force !== '0'
  return isTTY === true && env['TERM'] !== 'dumb'
}

async function print(stream: NodeJS.WritableStream, text: string): Promise<void> {
  if (!stream.write(`${text}\n`)) await once(stream, 'drain')
}

import path from 'node:path'
import {
  type AuditDatabase,
  createSealer,
  readEnvironment,
  type Sealer,
  type SealerOptions,
  tryGetLastCheckpoint,
} from '@indelible/core'
import { Command } from 'commander'
import type { CliContext } from '../cli-context.ts'
import { addDatabaseOption, type DatabaseOptions, withDatabase } from '../connection.ts'
import { describeError } from '../describe-error.ts'
import { replaceFile } from '../files.ts'
import { readSigner } from '../keys.ts'
import { escapeControlsInLines } from '../output/escape-controls.ts'
import { parseInteger } from '../parse-arguments.ts'

interface SealCommandOptions extends DatabaseOptions {
  readonly watch?: true
  readonly key?: string
  readonly checkpointFile?: string
  readonly interval: number
  readonly checkpointInterval: number
}

/** Makes `indelible seal`: chains the waiting entries and writes a checkpoint, once or as long as it runs. */
export function createSealCommand(context: CliContext): Command {
  return addDatabaseOption(new Command('seal'))
    .description(
      'Chain the entries that wait and write a checkpoint. Prints its note, to be kept outside the database',
    )
    .option(
      '--key <file>',
      'sign checkpoints with this key, made by `indelible keygen`; else INDELIBLE_SEAL_KEY_FILE or INDELIBLE_SEAL_KEY',
    )
    .option(
      '--checkpoint-file <file>',
      'keep the last note in this file: for `indelible verify --checkpoint`',
    )
    .option('-w, --watch', 'go on until Ctrl-C, sealing as entries come')
    .option('--interval <ms>', 'with --watch: how often to look', parseInteger(10, 3_600_000), 1000)
    .option(
      '--checkpoint-interval <ms>',
      'with --watch: a checkpoint at most so often',
      parseInteger(10, 86_400_000),
      60_000,
    )
    .action(async (options: SealCommandOptions) => {
      const settings = toSettings(options, context)
      await withDatabase(context, options, async (database) => {
        const sealer = createSealer(database, settings)
        try {
          await sealNow({ sealer, database, options, context })
          if (options.watch) await keepSealing(sealer, options.interval, context.signal)
        } finally {
          await sealer.close()
        }
      })
    })
}

/** Sealing once needs no rounds in the background: a day is longer than it takes. */
const NEVER = 86_400_000

function toSettings(options: SealCommandOptions, context: CliContext): SealerOptions {
  const { checkpointInterval, key } = options
  return {
    interval: options.watch ? options.interval : NEVER,
    checkpointInterval,
    ...chooseSigner(key, context),
    onError: (error) =>
      context.terminal.note(`${context.terminal.noteColors.red('error')}: ${describeError(error)}`),
    onCheckpoint: ({ note }) => publish(note, options, context),
  }
}

function chooseSigner(key: string | undefined, { cwd, env }: CliContext): Pick<SealerOptions, 'signer'> {
  if (key !== undefined) return { signer: readSigner(path.resolve(cwd, key)) }
  const { signer } = readEnvironment('sealer', env)
  return signer === undefined ? {} : { signer }
}

/** Prints the note, byte for byte, and replaces the file: a reader of the file finds the old note or the new one, never a half. */
async function publish(
  note: string,
  { checkpointFile }: SealCommandOptions,
  { terminal, cwd }: CliContext,
): Promise<void> {
  if (checkpointFile !== undefined) replaceFile(path.resolve(cwd, checkpointFile), note)
  await terminal.print(escapeControlsInLines(note.replace(/\n$/, '')))
}

interface Work {
  readonly sealer: Sealer
  readonly database: AuditDatabase
  readonly options: SealCommandOptions
  readonly context: CliContext
}

async function sealNow({ sealer, database, options, context }: Work): Promise<void> {
  const { sealed, size, checkpoint } = await sealer.seal()
  const entries = sealed === 1 ? '1 entry' : `${sealed.toLocaleString('en-US')} entries`
  context.terminal.note(`Sealed ${entries}; the chain has ${size.toLocaleString('en-US')}.`)
  // Another sealer may have written the checkpoint; whoever asked for it here wants it all the same.
  const last = checkpoint ? undefined : await tryGetLastCheckpoint(database)
  if (last) await publish(last.note, options, context)
}

/** Resolves when the signal aborts. The ticks keep the process alive, which a sealer by itself does not. */
function keepSealing(sealer: Sealer, interval: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const ticks = setInterval(() => sealer.wake(), interval)
    const end = () => {
      clearInterval(ticks)
      resolve()
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}

import { getEntry, tryGetLastCheckpoint } from '@indelible/core'
import { Command, Option } from 'commander'
import type { CliContext } from '../cli-context.ts'
import { addDatabaseOption, type DatabaseOptions, withDatabase } from '../connection.ts'
import { describeEntry } from '../output/describe-entry.ts'
import { toJson } from '../output/json.ts'
import { parseInteger } from '../parse-arguments.ts'

interface ShowCommandOptions extends DatabaseOptions {
  readonly format: 'text' | 'json'
}

/** Makes `indelible show`: prints one entry, whole. */
export function createShowCommand(context: CliContext): Command {
  return addDatabaseOption(new Command('show'))
    .description('Print one audit entry: what changed, who did it, and its place in the chain')
    .argument('<id>', 'the id of the entry', parseInteger(1, Number.MAX_SAFE_INTEGER))
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .action(async (id: number, options: ShowCommandOptions) => {
      const { entry, checkpoint } = await withDatabase(context, options, async (database) => ({
        entry: await getEntry(database, id),
        checkpoint: (await tryGetLastCheckpoint(database))?.size ?? 0,
      }))
      const { terminal } = context
      const isJson = options.format === 'json'
      await terminal.print(
        isJson ? toJson(entry) : describeEntry(entry, { colors: terminal.colors, checkpoint }),
      )
    })
}

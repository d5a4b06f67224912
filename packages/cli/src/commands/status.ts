import { readStatus } from '@indelible/core'
import { Command } from 'commander'
import type { CliContext } from '../cli-context.ts'
import { addDatabaseOption, type DatabaseOptions, withDatabase } from '../connection.ts'
import { describeStatus } from '../output/describe-status.ts'
import { toJson } from '../output/json.ts'

interface StatusCommandOptions extends DatabaseOptions {
  readonly json?: true
}

/** Makes `indelible status`: tells how the trail stands. Exit code 1 when the schema is not as it should be. */
export function createStatusCommand(context: CliContext): Command {
  return addDatabaseOption(new Command('status'))
    .description(
      'Tell how the trail stands: schema, queue, chain, last checkpoint, tables that are not audited',
    )
    .option('--json', 'print JSON')
    .action(async (options: StatusCommandOptions) => {
      const status = await withDatabase(context, options, readStatus)
      const { terminal } = context
      if (status.schema.findings.length > 0) context.setExitCode(1)
      await terminal.print(options.json ? toJson(status) : describeStatus(status, terminal.colors))
    })
}

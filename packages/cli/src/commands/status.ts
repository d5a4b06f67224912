import { listEnvironment, readStatus } from '@indelible/core'
import { Command } from 'commander'
import type { CliContext } from '../cli-context.ts'
import { addDatabaseOption, type DatabaseOptions, withDatabase } from '../connection.ts'
import { describeEnvironment } from '../output/describe-environment.ts'
import { describeStatus } from '../output/describe-status.ts'
import { toJson } from '../output/json.ts'

interface StatusCommandOptions extends DatabaseOptions {
  readonly json?: true
}

/** Makes `indelible status`: tells how the trail stands. Exit code 1 when the schema, or a variable of the environment, is not as it should be. */
export function createStatusCommand(context: CliContext): Command {
  return addDatabaseOption(new Command('status'))
    .description(
      'Tell how the trail stands: schema, queue, chain, last checkpoint, tables that are not audited, variables of the environment',
    )
    .option('--json', 'print JSON')
    .action(async (options: StatusCommandOptions) => {
      const status = await withDatabase(context, options, readStatus)
      const environment = listEnvironment(context.env)
      const { terminal } = context
      const isFaulty =
        status.schema.findings.length > 0 || environment.some(({ problem }) => problem !== null)
      if (isFaulty) context.setExitCode(1)
      const described = [
        describeStatus(status, terminal.colors),
        describeEnvironment(environment, terminal.colors),
      ]
      await terminal.print(
        options.json ? toJson({ ...status, environment }) : described.filter(Boolean).join('\n\n'),
      )
    })
}

import { readCoverage } from '@indelible/core'
import { Command } from 'commander'
import type { CliContext } from '../cli-context.ts'
import { addDatabaseOption, type DatabaseOptions, withDatabase } from '../connection.ts'
import { describeCoverage } from '../output/describe-coverage.ts'
import { toJson } from '../output/json.ts'
import { parseInteger } from '../parse-arguments.ts'
import { readRedactOptions } from '../redact-file.ts'

interface CoverageCommandOptions extends DatabaseOptions {
  readonly days: number
  readonly role?: string
  readonly redact?: string
  readonly json?: true
  readonly strict?: true
}

/** Makes `indelible coverage`: tells how the writes of each table are captured. With --strict, exit code 1 where something is not. */
export function createCoverageCommand(context: CliContext): Command {
  return addDatabaseOption(new Command('coverage'))
    .description(
      'Tell how the writes of each table are captured, what is not exact and why, and what was not captured',
    )
    .option(
      '--days <number>',
      'count what was recorded as uncaptured so many days back',
      parseInteger(0, 36_500),
      30,
    )
    .option(
      '--role <role>',
      "with the rights of this role: your application's. Default: the role that connects",
    )
    .option('--redact <file>', "a JSON file with the application's `redact` option")
    .option('--strict', 'exit with 1 when anything is not exact or was not captured')
    .option('--json', 'print JSON')
    .action(async ({ days, role, redact, json, strict, ...options }: CoverageCommandOptions) => {
      const rules = readRedactOptions(redact, context)
      const report = await withDatabase(context, options, (database) =>
        readCoverage(database, {
          days,
          now: context.now,
          ...(role && { role }),
          ...(rules && { redact: rules }),
        }),
      )
      if (strict && !report.complete) context.setExitCode(1)
      await context.terminal.print(json ? toJson(report) : describeCoverage(report, context.terminal.colors))
    })
}

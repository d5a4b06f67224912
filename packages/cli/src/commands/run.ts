import { randomUUID } from 'node:crypto'
import { Command } from 'commander'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { runChild } from '../run-child.ts'

interface RunCommandOptions {
  readonly reason: string
  readonly action?: string
  readonly correlation?: string
}

/** Makes `indelible run`: starts a program and hands it a reason. It ends as the program ends. */
export function createRunCommand(context: CliContext): Command {
  return new Command('run')
    .description(
      'Run a program and tell it, by environment, why: runScript() records it. Ends as the program ends',
    )
    .requiredOption('-r, --reason <text>', 'why it runs')
    .option('--action <name>', 'the business action, such as price.fix')
    .option('-c, --correlation <id>', 'correlation id of its entries; else a new one')
    .argument('<command...>', 'the program and its arguments, behind --')
    .action(async ([program = '', ...args]: string[], options: RunCommandOptions) => {
      const ending = await runChild(context, [program, ...args], { ...context.env, ...toVariables(options) })
      context.endLike(ending)
    })
}

function toVariables({
  reason,
  action,
  correlation = `run-${randomUUID()}`,
}: RunCommandOptions): Record<string, string> {
  if (reason.trim() === '') throw new CliError('CLI_ARGUMENT_INVALID', 'The reason must not be empty.')
  return {
    INDELIBLE_REASON: reason,
    INDELIBLE_CORRELATION_ID: correlation,
    ...(action !== undefined && { INDELIBLE_ACTION: action }),
  }
}

import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { CliContext } from './cli-context.ts'
import { createCoverageCommand } from './commands/coverage.ts'
import { createInitCommand } from './commands/init.ts'
import { createKeygenCommand } from './commands/keygen.ts'
import { createLogCommand } from './commands/log.ts'
import { createMigrateCommand } from './commands/migrate.ts'
import { createRunCommand } from './commands/run.ts'
import { createSealCommand } from './commands/seal.ts'
import { createShowCommand } from './commands/show.ts'
import { createStatusCommand } from './commands/status.ts'
import { createTriggersCommand } from './commands/triggers.ts'
import { createVerifyCommand } from './commands/verify.ts'

/** Assembles the `indelible` command. Misuse and help are thrown as commander's errors, for the caller to end with. */
export function createProgram(context: CliContext): Command {
  const program = new Command('indelible')
    .description('The audit trail of your database: set up, read, seal and verify')
    .version(readVersion())
  for (const create of COMMANDS) program.addCommand(create(context))
  for (const command of [program, ...program.commands.flatMap((each) => [each, ...each.commands])])
    settle(command)
  return program
}

const COMMANDS = [
  createInitCommand,
  createMigrateCommand,
  createLogCommand,
  createShowCommand,
  createVerifyCommand,
  createSealCommand,
  createKeygenCommand,
  createStatusCommand,
  createCoverageCommand,
  createTriggersCommand,
  createRunCommand,
]

function settle(command: Command): void {
  command.exitOverride().showHelpAfterError(`See \`${fullName(command)} --help\`.`)
}

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name()
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return String(version)
}

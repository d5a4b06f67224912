import {
  addCaptureTriggers,
  listCaptureTriggers,
  refreshCaptureTriggers,
  removeCaptureTriggers,
  requireSchema,
  type TableFilter,
  type TableName,
} from '@indelible/core'
import { Command } from 'commander'
import type { CliContext } from '../cli-context.ts'
import { addDatabaseOption, type DatabaseOptions, withDatabase } from '../connection.ts'
import { describeTriggers } from '../output/describe-triggers.ts'
import { escapeControls } from '../output/escape-controls.ts'
import { toJson } from '../output/json.ts'
import { parseInteger, parseTable } from '../parse-arguments.ts'
import { readRedactOptions } from '../redact-file.ts'

interface LockOptions extends DatabaseOptions {
  readonly lockTimeout: number
}

interface AddOptions extends LockOptions {
  readonly redact?: string
}

interface ListOptions extends DatabaseOptions {
  readonly json?: true
}

type Tables = readonly (string | TableFilter)[]

/** Makes `indelible triggers`: row triggers for tables that other programs write too. */
export function createTriggersCommand(context: CliContext): Command {
  return new Command('triggers')
    .description('Capture triggers, for tables that other programs write: add, refresh, remove, list')
    .addCommand(createAddCommand(context))
    .addCommand(createRefreshCommand(context))
    .addCommand(createRemoveCommand(context))
    .addCommand(createListCommand(context))
}

function createAddCommand(context: CliContext): Command {
  return addLockOption(addDatabaseOption(new Command('add')))
    .description(
      'Enter every change of these tables, whoever writes. Locks each table against writers for a moment',
    )
    .argument('<tables...>', '<table> or <schema>.<table>', collectTable)
    .option(
      '--redact <file>',
      "a JSON file with the application's `redact` option; its fingerprintKey is not stored",
    )
    .action(async (tables: Tables, { redact, lockTimeout, ...options }: AddOptions) => {
      const rules = readRedactOptions(redact, context)
      const added = await withDatabase(context, options, (database) =>
        addCaptureTriggers(database, tables, { lockTimeout, ...(rules && { redact: rules }) }),
      )
      await printTables(context, 'captured by triggers:', added)
    })
}

function createRefreshCommand(context: CliContext): Command {
  return addLockOption(addDatabaseOption(new Command('refresh')))
    .description('Make the triggers anew that are missing, altered or stale. Run it after each migration')
    .action(async ({ lockTimeout, ...options }: LockOptions) => {
      const made = await withDatabase(context, options, (database) =>
        refreshCaptureTriggers(database, { lockTimeout }),
      )
      if (made.length === 0) await context.terminal.print('nothing to refresh')
      await printTables(context, 'made anew:', made)
    })
}

function createRemoveCommand(context: CliContext): Command {
  return addLockOption(addDatabaseOption(new Command('remove')))
    .description('Take the triggers off these tables. Their entries stay')
    .argument('<tables...>', '<table> or <schema>.<table>', collectTable)
    .action(async (tables: Tables, { lockTimeout, ...options }: LockOptions) => {
      const removed = await withDatabase(context, options, (database) =>
        removeCaptureTriggers(database, tables, { lockTimeout }),
      )
      await printTables(context, 'no longer captured by triggers:', removed)
    })
}

function createListCommand(context: CliContext): Command {
  return addDatabaseOption(new Command('list'))
    .description(
      'Tell how each trigger stands: present, missing, altered, stale. Exit code 1 unless all are present',
    )
    .option('--json', 'print JSON')
    .action(async ({ json, ...options }: ListOptions) => {
      const states = await withDatabase(context, options, async (database) => {
        await requireSchema(database)
        return await listCaptureTriggers(database)
      })
      if (states.some(({ state }) => state !== 'present')) context.setExitCode(1)
      await context.terminal.print(json ? toJson(states) : describeTriggers(states, context.terminal.colors))
    })
}

function addLockOption(command: Command): Command {
  return command.option(
    '--lock-timeout <ms>',
    'give up when others write a table for so long',
    parseInteger(0, 3_600_000),
    10_000,
  )
}

function collectTable(text: string, previous: Tables = []): Tables {
  return [...previous, parseTable(text)]
}

async function printTables(
  { terminal }: CliContext,
  title: string,
  tables: readonly TableName[],
): Promise<void> {
  for (const { schema, name } of tables) await terminal.print(escapeControls(`${title} ${schema}.${name}`))
}

import { type AuditGrants, type MigrateResult, migrate } from '@indelible/core'
import { Command } from 'commander'
import type { CliContext } from '../cli-context.ts'
import { addDatabaseOption, type DatabaseOptions, withDatabase } from '../connection.ts'
import { escapeControls } from '../output/escape-controls.ts'
import { collect } from '../parse-arguments.ts'

interface MigrateCommandOptions extends DatabaseOptions {
  readonly writer?: readonly string[]
  readonly sealer?: readonly string[]
  readonly reader?: readonly string[]
}

/** Makes `indelible migrate`: creates the audit schema or brings it up to date, and gives roles their rights. */
export function createMigrateCommand(context: CliContext): Command {
  return addDatabaseOption(new Command('migrate'))
    .description(
      'Create the audit schema, or bring it up to date. May be run any number of times, also at once',
    )
    .option(
      '--writer <role>',
      'let this role write entries, and nothing else: for your application (repeatable)',
      collect,
    )
    .option(
      '--sealer <role>',
      'let this role chain and checkpoint entries: for `indelible seal` (repeatable)',
      collect,
    )
    .option('--reader <role>', 'let this role read and verify everything (repeatable)', collect)
    .action(async (options: MigrateCommandOptions) => {
      const grants = toGrants(options)
      const result = await withDatabase(context, options, (database) => migrate(database, { grants }))
      await context.terminal.print(describe(result, grants))
    })
}

function toGrants({ writer = [], sealer = [], reader = [] }: MigrateCommandOptions): Required<AuditGrants> {
  return { writers: writer, sealers: sealer, readers: reader }
}

function describe(
  { applied, version, cascades }: MigrateResult,
  { writers, sealers, readers }: Required<AuditGrants>,
): string {
  const migrations = applied.length > 0 ? applied.map((name) => `applied ${name}`) : ['nothing to apply']
  const rights = [
    ...writers.map((role) => `${role} may write`),
    ...sealers.map((role) => `${role} may seal`),
    ...readers.map((role) => `${role} may read`),
  ]
  return [
    ...migrations,
    ...rights.map(escapeControls),
    ...describeCascades(cascades),
    `The audit schema is at version ${version}.`,
  ].join('\n')
}

function describeCascades({ made, dropped, owner }: MigrateResult['cascades']): string[] {
  if (owner !== undefined) {
    return [
      `foreign keys have changed: run this as ${escapeControls(owner)}, so that their actions are followed again`,
    ]
  }
  return made.length + dropped.length === 0 ? [] : ['follows foreign keys as they are now']
}

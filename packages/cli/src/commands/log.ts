import {
  type AuditDatabase,
  type AuditOp,
  type EntryFilter,
  findEntries,
  followEntries,
  type TableFilter,
} from '@indelible/core'
import { Command, Option } from 'commander'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { addDatabaseOption, type DatabaseOptions, withDatabase } from '../connection.ts'
import { createEntryWriter, type EntryWriter, FORMATS, type Format } from '../output/entry-writer.ts'
import { collect, parseInteger, parseMoment, parseOp, parseTable } from '../parse-arguments.ts'

interface LogCommandOptions extends DatabaseOptions {
  readonly table?: string | TableFilter
  readonly key?: readonly string[]
  readonly actor?: string
  readonly correlation?: string
  readonly tx?: string
  readonly tenant?: string
  readonly op?: AuditOp
  readonly action?: string
  readonly since?: Date | string
  readonly until?: Date | string
  readonly limit: number
  readonly format: Format
  readonly follow?: true
}

/** Makes `indelible log`: prints entries, newest first, or follows them as they are committed. */
export function createLogCommand(context: CliContext): Command {
  return addFilters(addDatabaseOption(new Command('log')), context)
    .description('Print audit entries, newest first')
    .option('-n, --limit <number>', 'how many entries', parseInteger(0, 1_000_000_000), 50)
    .addOption(new Option('--format <format>', 'how to print them').choices(FORMATS).default('table'))
    .option('-f, --follow', 'print the last entries, oldest first, and then new ones as they are committed')
    .action(async (options: LogCommandOptions) => {
      if (options.follow && options.format === 'json') throw endless()
      const writer = createEntryWriter(options.format, {
        terminal: context.terminal,
        follow: options.follow ?? false,
      })
      await withDatabase(context, options, async (database) => {
        if (options.follow) await follow(database, { context, options, writer })
        else await list(database, { context, options, writer })
      })
      await writer.end()
    })
}

function addFilters(command: Command, { now }: CliContext): Command {
  return command
    .option('-t, --table <table>', 'of this table: <table> or <schema>.<table>', parseTable)
    .option(
      '-k, --key <value>',
      'of the row with this key; once for each part of a composite key, in key order',
      collect,
    )
    .option('-a, --actor <id>', 'by this actor')
    .option('-c, --correlation <id>', 'with this correlation id')
    .option('--tx <number>', 'of this database transaction')
    .option('--tenant <id>', 'of this tenant')
    .option('--action <name>', 'of this business action')
    .option(
      '--op <operation>',
      'of this kind: insert, update, delete, truncate, statement, ddl, event',
      parseOp,
    )
    .option(
      '--since <time>',
      'from this moment on: ISO 8601 (UTC unless it has a zone), or how long ago: 30m, 2h, 7d',
      parseMoment(now),
    )
    .option('--until <time>', 'before this moment', parseMoment(now))
}

interface Work {
  readonly context: CliContext
  readonly options: LogCommandOptions
  readonly writer: EntryWriter
}

const PAGE = 500

async function list(database: AuditDatabase, { context, options, writer }: Work): Promise<void> {
  const filter = toFilter(options)
  let after: string | undefined
  let left = options.limit
  while (left > 0 && !context.signal.aborted) {
    const page = await findEntries(database, filter, { limit: Math.min(left, PAGE), ...(after && { after }) })
    await writer.write(page.entries)
    if (page.next === null) break
    after = page.next
    left -= page.entries.length
  }
}

async function follow(database: AuditDatabase, { context, options, writer }: Work): Promise<void> {
  const entries = followEntries(database, toFilter(options), {
    last: Math.min(options.limit, 10_000),
    signal: context.signal,
  })
  for await (const entry of entries) await writer.write([entry])
}

function toFilter({
  table,
  key,
  actor,
  correlation,
  tx,
  tenant,
  op,
  action,
  since,
  until,
}: LogCommandOptions): EntryFilter {
  return {
    ...(table !== undefined && { table }),
    ...(key !== undefined && { key }),
    ...(actor !== undefined && { actor }),
    ...(correlation !== undefined && { correlationId: correlation }),
    ...(tx !== undefined && { tx }),
    ...(tenant !== undefined && { tenant }),
    ...(op !== undefined && { op }),
    ...(action !== undefined && { action }),
    ...(since !== undefined && { from: since }),
    ...(until !== undefined && { to: until }),
  }
}

function endless(): CliError {
  return new CliError(
    'CLI_ARGUMENT_INVALID',
    'A JSON array has an end and --follow has none: use --format jsonl.',
  )
}

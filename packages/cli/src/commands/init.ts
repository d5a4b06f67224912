import { existsSync } from 'node:fs'
import path from 'node:path'
import { migrationSql } from '@indelible/core'
import { Command, Option } from 'commander'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { writeNewFile } from '../files.ts'
import { listPrismaMigrations, prismaMigrationFile } from '../prisma-folder.ts'

interface InitCommandOptions {
  readonly prisma?: string | true
  readonly sql?: string
}

/** Makes `indelible init`: writes the migration that your own tool then applies. */
export function createInitCommand(context: CliContext): Command {
  return new Command('init')
    .description(
      'Write the audit schema as a migration of your project. With a prisma folder: as a Prisma migration',
    )
    .addOption(
      new Option(
        '--prisma [folder]',
        'write a Prisma migration; the folder is `prisma` by default',
      ).conflicts('sql'),
    )
    .option('--sql <file>', 'write one SQL file, for any other tool')
    .action(async (options: InitCommandOptions) => {
      const { file, steps } = plan(options, context)
      const absolute = path.resolve(context.cwd, file)
      writeNewFile(absolute, migrationSql())
      await context.terminal.print(
        [`Wrote ${file}`, '', 'Next:', ...steps.map((step) => `  ${step}`)].join('\n'),
      )
    })
}

interface InitPlan {
  /** Relative to the working folder. */
  readonly file: string
  readonly steps: readonly string[]
}

function plan({ prisma, sql }: InitCommandOptions, context: CliContext): InitPlan {
  if (sql !== undefined) return { file: sql, steps: SQL_STEPS }
  const folder = typeof prisma === 'string' ? prisma : 'prisma'
  if (prisma === undefined && !existsSync(path.resolve(context.cwd, folder))) throw undecided()
  const [existing] = listPrismaMigrations(path.resolve(context.cwd, folder))
  if (existing) {
    throw new CliError(
      'CLI_FILE_EXISTS',
      `The audit schema has its migration already: ${path.join(folder, existing)}`,
    )
  }
  return { file: prismaMigrationFile(folder, context.now()), steps: PRISMA_STEPS }
}

function undecided(): CliError {
  return new CliError(
    'CLI_ARGUMENT_INVALID',
    'There is no prisma folder here. Give --prisma <folder>, or --sql <file> for another tool; ' +
      '`npx indelible migrate` needs no file at all.',
  )
}

const CHECK = 'npx indelible status        # is everything in place?'

const PRISMA_STEPS = [
  'npx prisma migrate dev      # or, in production: npx prisma migrate deploy',
  'new PrismaClient({ adapter }).$extends(auditExtension())   # from @indelible/prisma',
  CHECK,
]

const SQL_STEPS = ['apply the file with the tool that runs your migrations; it may be run again', CHECK]

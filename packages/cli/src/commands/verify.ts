import path from 'node:path'
import {
  type AuditDatabase,
  checkSchema,
  type SchemaFinding,
  type VerifyOptions,
  type VerifyReport,
  verifyLog,
} from '@indelible/core'
import { Command } from 'commander'
import type { CliContext } from '../cli-context.ts'
import { addDatabaseOption, type DatabaseOptions, withDatabase } from '../connection.ts'
import { readTextFile } from '../files.ts'
import { readVerifierKey } from '../keys.ts'
import { describeReport } from '../output/describe-report.ts'
import { toJson } from '../output/json.ts'
import { createProgressBar } from '../output/progress-bar.ts'
import { collect } from '../parse-arguments.ts'

interface VerifyCommandOptions extends DatabaseOptions {
  readonly json?: true
  readonly checkpoint?: readonly string[]
  readonly key?: readonly string[]
}

/** Makes `indelible verify`. Exit code 0: nothing found; 1: something found; 2: could not verify. */
export function createVerifyCommand(context: CliContext): Command {
  return addDatabaseOption(new Command('verify'))
    .description('Prove that no entry was changed, removed or put in since it was sealed')
    .option('--checkpoint <file...>', 'notes that were kept outside the database; they are believed')
    .option(
      '--key <key>',
      'verifier key, or the file that holds it: signatures must be by it (repeatable)',
      collect,
    )
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExit code: 0 nothing found, 1 something found, 2 could not verify.')
    .action(async (options: VerifyCommandOptions) => {
      const evidence = readEvidence(options, context)
      const result = await withDatabase(context, options, (database) => verify(database, evidence, context))
      context.setExitCode(result.ok ? 0 : 1)
      const { terminal } = context
      await terminal.print(options.json ? toJson(result) : describeReport(result, terminal.colors))
    })
}

function readEvidence(
  { checkpoint = [], key = [] }: VerifyCommandOptions,
  { cwd }: CliContext,
): VerifyOptions {
  return {
    publicKeys: key.map((text) => readVerifierKey(text, cwd)),
    knownCheckpoints: checkpoint.map((file) => readTextFile(path.resolve(cwd, file))),
  }
}

/** The report, and what protects the tables from now on. */
export interface VerifyResult extends VerifyReport {
  readonly schema: readonly SchemaFinding[]
}

async function verify(
  database: AuditDatabase,
  evidence: VerifyOptions,
  { terminal, signal, now }: CliContext,
): Promise<VerifyResult> {
  const schema = await checkSchema(database)
  const bar = createProgressBar(terminal, now)
  try {
    const report = await verifyLog(database, {
      ...evidence,
      onProgress: (progress) => {
        signal.throwIfAborted()
        bar.draw(progress)
      },
    })
    return { ...report, ok: report.ok && schema.length === 0, schema }
  } finally {
    bar.clear()
  }
}

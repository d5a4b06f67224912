import path from 'node:path'
import { generateNoteKey } from '@indelible/core'
import { Command } from 'commander'
import type { CliContext } from '../cli-context.ts'
import { writeNewFile } from '../files.ts'
import { escapeControls } from '../output/escape-controls.ts'

interface KeygenCommandOptions {
  readonly name: string
  readonly out: string
}

/** Makes `indelible keygen`: writes a signing key and prints the key that verifies its signatures. */
export function createKeygenCommand({ terminal, cwd }: CliContext): Command {
  return new Command('keygen')
    .description('Make a key that signs checkpoints. Prints the verifier key, which is public')
    .option('--name <name>', 'name of the key: your domain, or what tells this log from others', 'indelible')
    .option('--out <file>', 'file for the signing key; it is never overwritten', 'indelible.key')
    .action(async ({ name, out }: KeygenCommandOptions) => {
      const { signingKey, verifierKey } = generateNoteKey(name)
      writeNewFile(path.resolve(cwd, out), `${signingKey}\n`, { private: true })
      terminal.note(
        `Wrote the signing key to ${escapeControls(out)}, readable by you alone. Keep it away from the database.`,
      )
      terminal.note('The verifier key follows. Give it to all who verify:')
      await terminal.print(verifierKey)
    })
}

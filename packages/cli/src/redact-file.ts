import path from 'node:path'
import type { RedactOptions } from '@indelible/core'
import type { CliContext } from './cli-context.ts'
import { CliError } from './cli-error.ts'
import { readTextFile } from './files.ts'

/**
 * Reads the `redact` option of an application from a JSON file; the library checks what is in it.
 *
 * @throws CliError when the file cannot be read or holds no JSON object.
 */
export function readRedactOptions(file: string | undefined, { cwd }: CliContext): RedactOptions | undefined {
  if (file === undefined) return undefined
  const value = parse(readTextFile(path.resolve(cwd, file)), file)
  // One-line bridge: AUDIT_OPTION_INVALID names what is wrong inside.
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as RedactOptions
  throw notAnObject(file)
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw notAnObject(file, cause)
  }
}

function notAnObject(file: string, cause?: unknown): CliError {
  return new CliError('CLI_ARGUMENT_INVALID', `${file} holds no JSON object.`, cause)
}

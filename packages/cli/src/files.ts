import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { CliError } from './cli-error.ts'

/** Permissions of a new file. `private`: its owner only. */
export interface NewFileOptions {
  readonly private?: boolean
}

/**
 * Writes a file that is not there yet, and the folders above it.
 *
 * @throws CliError when there is one already: it is left as it is.
 */
export function writeNewFile(file: string, content: string, options: NewFileOptions = {}): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    // wx fails when the file exists, also when it appeared just now.
    writeFileSync(file, content, { flag: 'wx', mode: options.private ? 0o600 : 0o666 })
  } catch (error) {
    throw codeOf(error) === 'EEXIST'
      ? new CliError('CLI_FILE_EXISTS', `${file} exists already and was left as it is.`, error)
      : new CliError('CLI_FILE_UNWRITABLE', `${file} could not be written: ${messageOf(error)}`, error)
  }
}

/**
 * Puts a file in place of one that may be there, whole or not at all.
 *
 * @throws CliError when it cannot be written.
 */
export function replaceFile(file: string, content: string): void {
  const unfinished = `${file}.${process.pid}.tmp`
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(unfinished, content)
    renameSync(unfinished, file)
  } catch (error) {
    throw new CliError('CLI_FILE_UNWRITABLE', `${file} could not be written: ${messageOf(error)}`, error)
  }
}

/**
 * Reads a small text file.
 *
 * @throws CliError when it cannot be read.
 */
export function readTextFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CliError('CLI_FILE_UNREADABLE', `${file} could not be read: ${messageOf(error)}`, error)
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

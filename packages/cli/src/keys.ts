import path from 'node:path'
import { type NoteSigner, parseSigningKey } from '@indelible/core'
import { readTextFile } from './files.ts'

/**
 * Reads a signing key from a file. The key itself never becomes part of a message.
 *
 * @throws CliError when the file cannot be read, AuditError AUDIT_KEY_INVALID when it holds no signing key.
 */
export function readSigner(file: string): NoteSigner {
  return parseSigningKey(readTextFile(file))
}

const VERIFIER_KEY = /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/

/**
 * Reads a verifier key: the key itself, or the file that holds it.
 *
 * @throws CliError when it is neither a key nor a readable file.
 */
export function readVerifierKey(keyOrFile: string, cwd: string): string {
  return VERIFIER_KEY.test(keyOrFile) ? keyOrFile : readTextFile(path.resolve(cwd, keyOrFile)).trim()
}

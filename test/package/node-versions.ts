import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

/** A Node.js to run the packages on. */
export interface NodeVersion {
  /** Such as `v20.19.0`. */
  readonly version: string
  readonly program: string
}

/** The Node.js that runs this test and, if its version differs, the one that the user's own PATH names. */
export function listNodeVersions(): NodeVersion[] {
  const current = { version: process.version, program: process.execPath }
  const installed = tryGetInstalledNode()
  return installed && installed.version !== current.version ? [current, installed] : [current]
}

function tryGetInstalledNode(): NodeVersion | undefined {
  // npm puts the repository's own programs in front of the PATH.
  const folders = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((it) => !it.includes('node_modules'))
  const program = folders.map((folder) => path.join(folder, 'node')).find((file) => fs.existsSync(file))
  if (!program) return undefined
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return { version: stdout.trim(), program }
}

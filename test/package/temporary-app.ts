import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type PackedPackage, packPackages } from '../../scripts/pack-packages.mjs'

const INSTALLED = path.join(import.meta.dirname, '../../node_modules')

/** An application outside the repository that uses the packages as npm would deliver them. */
export interface TemporaryApp {
  readonly folder: string
  readonly packages: readonly PackedPackage[]
  readonly remove: () => void
}

/**
 * Packs all packages and unpacks them into a new application, beside what they declare as dependencies and peers and `extras`.
 * Third-party packages are links into this repository: no network, and an import that a package does not declare fails.
 */
export function createTemporaryApp(extras: readonly string[] = []): TemporaryApp {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'indelible-app-'))
  const remove = () => fs.rmSync(folder, { recursive: true, force: true })
  try {
    const packages = packPackages(folder)
    for (const { manifest, tarball } of packages) unpack(tarball, modulePath(folder, manifest.name))
    for (const name of [...packages.flatMap(declaredModules), ...extras]) link(folder, name)
    return { folder, packages, remove }
  } catch (error) {
    remove()
    throw error
  }
}

/** Writes a file of the application and returns its path. */
export function writeFile(app: TemporaryApp, name: string, content: string): string {
  const file = path.join(app.folder, name)
  fs.writeFileSync(file, content)
  return file
}

/** Runs a program in the application's folder and returns all that it printed. */
export function runInApp(app: TemporaryApp, program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: app.folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${path.basename(program)} ${args.join(' ')} failed:\n${stdout}${stderr}`)
  return stdout
}

function declaredModules({ manifest }: PackedPackage): string[] {
  return Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
}

function modulePath(folder: string, name: string): string {
  return path.join(folder, 'node_modules', name)
}

function unpack(tarball: string, destination: string): void {
  fs.mkdirSync(destination, { recursive: true })
  const { status, stderr } = spawnSync('tar', ['-xzf', tarball, '-C', destination, '--strip-components=1'])
  if (status !== 0) throw new Error(`cannot unpack ${tarball}: ${stderr}`)
}

function link(folder: string, name: string): void {
  const target = modulePath(folder, name)
  if (fs.existsSync(target)) return
  fs.mkdirSync(path.dirname(target), { recursive: true })
  fs.symlinkSync(path.join(INSTALLED, name), target, 'junction')
}

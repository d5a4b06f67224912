// Builds the packages and packs each of them, as `npm publish` would.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {Readonly<Record<string, string>>} [bin]
 * @property {Readonly<Record<string, string>>} [dependencies]
 * @property {Readonly<Record<string, string>>} [peerDependencies]
 */

/**
 * @typedef {object} PackedPackage
 * @property {Manifest} manifest
 * @property {string} tarball path of the tarball
 * @property {readonly string[]} files what is in the tarball, relative to the package
 */

/**
 * Builds what changed and packs all packages.
 *
 * @param {string} destination a folder for the tarballs
 * @returns {PackedPackage[]}
 */
export function packPackages(destination) {
  npm(['run', '--silent', 'build'])
  const report = JSON.parse(npm(['pack', '--json', '--workspaces', '--pack-destination', destination]))
  return listManifests().map((manifest) => {
    const packed = report.find((/** @type {{ name: string }} */ { name }) => name === manifest.name)
    return {
      manifest,
      tarball: path.join(destination, packed.filename),
      files: packed.files.map((/** @type {{ path: string }} */ file) => file.path),
    }
  })
}

/** @returns {Manifest[]} */
function listManifests() {
  const folder = path.join(root, 'packages')
  return fs
    .readdirSync(folder)
    .map((name) => JSON.parse(fs.readFileSync(path.join(folder, name, 'package.json'), 'utf8')))
}

/** @param {readonly string[]} args */
function npm(args) {
  const run = spawnSync('npm', args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' })
  if (run.status !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${run.stdout}${run.stderr}`)
  return run.stdout
}

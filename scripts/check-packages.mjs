// Checks every package as it would be published: its manifest (publint) and the types seen by its users (attw).
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { packPackages } from './pack-packages.mjs'

const bin = path.join(import.meta.dirname, '../node_modules/.bin')
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'indelible-packages-'))
try {
  const sound = packPackages(folder).map(checkPackage).every(Boolean)
  process.exitCode = sound ? 0 : 1
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}

/** @param {import('./pack-packages.mjs').PackedPackage} packed */
function checkPackage({ manifest, tarball }) {
  const manifestIsSound = run('publint', ['run', tarball, '--strict'])
  // A package that is only a command has no types to get wrong.
  const typesAreSound = manifest.bin
    ? true
    : run('attw', [tarball, '--profile', 'esm-only', '--no-definitely-typed'])
  return manifestIsSound && typesAreSound
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(command, args) {
  const { status } = spawnSync(path.join(bin, command), args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  return status === 0
}

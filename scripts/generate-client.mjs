// Generates the Prisma client of the test and demo application, unless it is there already for this very schema.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')
const schema = path.join(root, 'prisma/schema.prisma')
const stamp = path.join(root, 'prisma/generated/.stamp')
const require = createRequire(import.meta.url)

if (!fs.existsSync(schema)) fail('There is no prisma/schema.prisma to generate a client from.')
const fingerprint = fingerprintInputs()
if (readStamp() !== fingerprint) {
  generate()
  fs.writeFileSync(stamp, fingerprint)
}

/** What the generated code depends on: the schema and the version of the generator. */
function fingerprintInputs() {
  const { version } = require('prisma/package.json')
  return createHash('sha256').update(version).update(fs.readFileSync(schema)).digest('hex')
}

function readStamp() {
  return fs.existsSync(stamp) ? fs.readFileSync(stamp, 'utf8') : undefined
}

function generate() {
  const cli = path.join(path.dirname(require.resolve('prisma/package.json')), 'build/index.js')
  // The command downloads its schema engine before it does anything else, though `generate` never runs it. Any existing
  // file stops that, so that no network is needed. Only here: commands that do use the engine would fail with it in silence.
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: 'true',
  }
  const options = { cwd: root, env, encoding: /** @type {const} */ ('utf8') }
  const run = spawnSync(process.execPath, [cli, 'generate', '--schema', schema, '--no-hints'], options)
  if (run.status !== 0) fail(`prisma generate failed:\n${run.stdout}${run.stderr}`)
  if (!fs.existsSync(path.dirname(stamp)))
    fail('The generator in prisma/schema.prisma must write to ./generated.')
}

/** @param {string} message */
function fail(message) {
  console.error(message)
  process.exit(1)
}

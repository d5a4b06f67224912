// Generates the Prisma clients of the tests and the demo, unless they are there already for these very schemas.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')
const require = createRequire(import.meta.url)

// The second lies inside the folder that the first one empties.
generateOnce({ schema: 'prisma/schema.prisma', output: 'prisma/generated' })
generateOnce({ schema: 'prisma/relation-mode.prisma', output: 'prisma/generated/relation-mode' })

/** @param {{ schema: string, output: string }} client paths from the root of the repository */
function generateOnce({ schema, output }) {
  const stamp = path.join(root, output, '.stamp')
  const fingerprint = fingerprintInputs(path.join(root, schema))
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === fingerprint) return
  generate(schema)
  if (!fs.existsSync(path.dirname(stamp))) fail(`The generator in ${schema} must write to ${output}.`)
  fs.writeFileSync(stamp, fingerprint)
}

/**
 * What the generated code depends on: the schema and the version of the generator.
 * @param {string} schema
 */
function fingerprintInputs(schema) {
  const { version } = require('prisma/package.json')
  return createHash('sha256').update(version).update(fs.readFileSync(schema)).digest('hex')
}

/** @param {string} schema */
function generate(schema) {
  const cli = path.join(path.dirname(require.resolve('prisma/package.json')), 'build/index.js')
  // The command downloads its schema engine before it does anything else, though `generate` never runs it. Any existing
  // file stops that, so that no network is needed. Only here: commands that do use the engine would fail with it in silence.
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: 'true',
  }
  const options = { cwd: root, env, encoding: /** @type {const} */ ('utf8') }
  const run = spawnSync(
    process.execPath,
    [cli, 'generate', '--schema', path.join(root, schema), '--no-hints'],
    options,
  )
  if (run.status !== 0) fail(`prisma generate failed:\n${run.stdout}${run.stderr}`)
}

/** @param {string} message */
function fail(message) {
  console.error(message)
  process.exit(1)
}

import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const root = path.join(import.meta.dirname, '../..')

const resolver = `export async function resolve(name, context, next) {
  if (name.startsWith('@opentelemetry/')) throw new Error(name + ' is not installed')
  return next(name, context)
}`
const toUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`
const withoutPeer = toUrl(
  `import { register } from 'node:module'; register(${JSON.stringify(toUrl(resolver))})`,
)

async function load(module: string): Promise<string> {
  const args = ['--conditions=@indelible/source', '--no-warnings', '--import', withoutPeer]
  const script = `import(${JSON.stringify(module)}).then(() => console.log('loaded'), (error) => console.log(error.message))`
  const { stdout } = await run(process.execPath, [...args, '-e', script], { cwd: root })
  return stdout.trim()
}

test.each(['@indelible/core', '@indelible/jobs', '@indelible/http', '@indelible/typeorm'])(
  '%s is loaded where OpenTelemetry is not installed',
  async (module) => {
    expect(await load(module)).toBe('loaded')
  },
)

test('what records spans says what is missing', async () => {
  expect(await load('@indelible/core/opentelemetry')).toContain('@opentelemetry/api is not installed')
})

import { cpSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { listNodeVersions } from './node-versions.ts'
import { createTemporaryApp, runInApp, type TemporaryApp, writeFile } from './temporary-app.ts'

const LIBRARIES = [
  '@indelible/core',
  '@indelible/core/opentelemetry',
  ...['', '/express', '/fastify', '/hono', '/jwt', '/koa', '/nest', '/next', '/node'].map(
    (path) => `@indelible/http${path}`,
  ),
  ...['', '/bullmq', '/pg-boss'].map((path) => `@indelible/jobs${path}`),
  '@indelible/mikro-orm',
  '@indelible/prisma',
  '@indelible/typeorm',
]
const PUBLISHED = /^(dist\/.+\.(js|d\.ts)(\.map)?|sql\/.+\.sql|package\.json|README\.md|LICENSE)$/
const TESTS = /\.test(-d)?\./

let app: TemporaryApp

beforeAll(() => {
  app = createTemporaryApp(['typescript', '@types/node'])
  return app.remove
})

test('a package ships its build and its SQL, neither sources nor tests', () => {
  const files = app.packages.flatMap((packed) => packed.files)
  expect(files.filter((file) => !PUBLISHED.test(file) || TESTS.test(file))).toEqual([])
})

describe.each(listNodeVersions())('on Node $version', ({ program }) => {
  test('an ES module imports the libraries', () => {
    const imports = LIBRARIES.map((name) => `console.log(Object.keys(await import('${name}')).length > 0)`)
    const file = writeFile(app, 'import.mjs', imports.join('\n'))
    expect(runInApp(app, program, [file])).toBe('true\n'.repeat(LIBRARIES.length))
  })

  test('a CommonJS script requires the libraries', () => {
    const requires = LIBRARIES.map((name) => `console.log(Object.keys(require('${name}')).length > 0)`)
    const file = writeFile(app, 'require.cjs', requires.join('\n'))
    expect(runInApp(app, program, [file])).toBe('true\n'.repeat(LIBRARIES.length))
  })

  test('a second copy of the core is refused, and both are named', () => {
    const [first, second] = ['node_modules', 'node_modules/lib/node_modules'].map(
      (folder) => `${folder}/@indelible/core`,
    )
    cpSync(path.join(app.folder, `${first}`), path.join(app.folder, `${second}`), { recursive: true })
    const script = `
      import { createAuditTrail } from '@indelible/core'
      await import('./${second}/dist/index.js')
      try { createAuditTrail({ options: {}, open: async () => {} }) }
      catch ({ code, facts }) { console.log(code, facts.places.length, facts.places.every((place) => place.endsWith('/core/dist/'))) }`
    const output = runInApp(app, program, [writeFile(app, 'twice.mjs', script)])
    expect(output).toBe('AUDIT_CORE_DUPLICATED 2 true\n')
  })

  test('the command prints its version', () => {
    const command = path.join(app.folder, 'node_modules/@indelible/cli/dist/main.js')
    expect(runInApp(app, program, [command, '--version'])).toMatch(/^\d+\.\d+\.\d+/)
  })
})

test('the types are sound for ES modules and for CommonJS, libraries checked', () => {
  const imports = LIBRARIES.map((name, index) => `import * as library${index} from '${name}'`)
  const requires = LIBRARIES.map((name, index) => `import library${index} = require('${name}')`)
  const names = LIBRARIES.map((_, index) => `library${index}`).join(', ')
  const files = [
    writeFile(app, 'app.mts', `${imports.join('\n')}\nexport const used: object[] = [${names}]\n`),
    writeFile(app, 'app.cts', `${requires.join('\n')}\nexport const used: object[] = [${names}]\n`),
  ]
  const options = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext', '--types', 'node']
  const compiler = path.join(app.folder, 'node_modules/typescript/bin/tsc')
  expect(runInApp(app, process.execPath, [compiler, ...options, '--skipLibCheck', 'false', ...files])).toBe(
    '',
  )
})

import fs from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string) => fs.readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const readme = read('README.md')

/** The code that the README prints under a mark. */
function printed(mark: string): string {
  const [, code] = readme.match(new RegExp(`<!-- ${mark} -->\n\`\`\`ts\n([\\s\\S]*?)\`\`\``)) ?? []
  if (code === undefined) throw new Error(`README.md has no block ${mark}`)
  return code
}

test.for(['prisma', 'typeorm', 'mikro-orm'])(
  'the quick start of the README for %s is the program that the tests run',
  (orm) => {
    const program = read(`examples/${orm}/main.ts`).replace('../../prisma/generated/', './generated/')
    const common = printed('read-and-verify')
    expect(program.startsWith(`${printed(orm)}\n${common}`)).toBe(true)
    const rest = program.slice(`${printed(orm)}\n${common}`.length)
    expect(rest).toMatch(/^\nawait [\w.$]+\(\)\n$/)
    expect(readme).toContain(`\`${rest.trim()}\``)
  },
)

test('the HTTP code of the README is in the example that the tests run', () => {
  expect(read('examples/express/main.ts')).toContain(printed('express'))
})

test.for(['README.md', 'CONTRIBUTING.md'])('every link of %s leads to a file', (file) => {
  const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path ?? '')
  expect(links.filter((path) => !fs.existsSync(new URL(`../../${path}`, import.meta.url)))).toEqual([])
})

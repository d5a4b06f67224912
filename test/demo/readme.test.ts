import fs from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string) => fs.readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('the quick start of the README is the program that the tests run', () => {
  const [, printed] = /<!-- quick-start -->\n```ts\n([\s\S]*?)```/.exec(read('README.md')) ?? []
  const program = read('examples/quick-start/main.ts').replace('../../prisma/generated/', './generated/')
  expect(printed).toBe(program)
})

test('every link of the README leads to a file', () => {
  const links = [...read('README.md').matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path ?? '')
  expect(links.filter((path) => !fs.existsSync(new URL(`../../${path}`, import.meta.url)))).toEqual([])
})

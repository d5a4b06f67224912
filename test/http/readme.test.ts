import fs from 'node:fs'
import { expect, test } from 'vitest'

const ROOT = new URL('../../', import.meta.url)
const README = 'packages/http/README.md'
const read = (path: string) => fs.readFileSync(new URL(path, ROOT), 'utf8')
const readme = read(README)

/** The example that each block of code is a part of. */
const sources: Readonly<Record<string, string>> = {
  express: 'express/main.ts',
  fastify: 'fastify/main.ts',
  koa: 'koa/main.ts',
  hono: 'hono/main.ts',
  nest: 'nest/main.ts',
  'nest-messages': 'nest/message-context.ts',
  next: 'next/audited.ts',
  'next-route': 'next/route.ts',
  node: 'node/main.ts',
}

test.for(Object.entries(sources))(
  'the code under the mark %s is in examples/%s as printed',
  ([mark, file]) => {
    const [, code = ''] =
      readme.match(new RegExp(`<!-- ${mark} -->\n\`\`\`ts\n([\\s\\S]+?)\`\`\`\n<!-- /${mark} -->`)) ?? []
    expect(code.trim()).not.toBe('')
    expect(read(`examples/${file}`)).toContain(code)
  },
)

test('no code is printed without a mark', () => {
  expect(readme.match(/^```ts$/gm)).toHaveLength(Object.keys(sources).length)
})

test('every relative link leads to a file, every anchor to a heading', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link]) => link ?? '')
  const anchors = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => `#${anchorOf(heading)}`)
  const broken = links.filter((link) =>
    link.startsWith('#') ? !anchors.includes(link) : !fs.existsSync(new URL(link, new URL(README, ROOT))),
  )
  expect(broken).toEqual([])
  expect(links.length).toBeGreaterThan(10)
})

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { variables } from './environment-variables.ts'

const page = readFileSync(new URL('../../../../docs/context.md', import.meta.url), 'utf8')

test('docs/context.md lists every variable as it is', () => {
  const rows = Object.entries(variables).map(([name, { sets, expected, secret }]) =>
    `| \`INDELIBLE_${name}\` | ${sets} | ${expected}${secret ? '; secret' : ''} |`.replaceAll('\n', ' '),
  )
  const [, printed] = page.match(/<!-- variables -->\n([\s\S]*?)<!-- \/variables -->/) ?? []
  expect(printed).toBe(['| Variable | Sets | Is |', '| --- | --- | --- |', ...rows, ''].join('\n'))
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromPgPool } from '../../packages/core/src/pg/pg-database.ts'
import { migrate } from '../../packages/core/src/store/migrate.ts'
import { parseManifest } from '../../packages/core/src/store/schema-check.ts'
import { readSchemaFacts, type SchemaFacts } from '../../packages/core/src/store/schema-facts.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'

const MANIFEST = '../../packages/core/src/store/schema-manifest.ts'
let database: TestDatabase
let facts: SchemaFacts

beforeAll(async () => {
  database = await createDatabase({ template: 'empty' })
  await migrate(fromPgPool(database.pool))
  facts = await readSchemaFacts(fromPgPool(database.pool))
})

afterAll(() => database.drop())

test('the manifest holds what a freshly migrated database says, on every version of PostgreSQL', async () => {
  await expect(renderManifest(facts)).toMatchFileSnapshot(MANIFEST)
})

test('the manifest reads back as the same facts', () => {
  const text = [...facts].map(([object, fact]) => `${object}: ${fact}`).join('\n')
  expect(parseManifest(text)).toEqual(facts)
})

function renderManifest(facts: SchemaFacts): string {
  const lines = [...facts].map(([object, fact]) => `${object}: ${fact}`)
  return `/**
 * The facts of a freshly migrated audit schema. Generated, never edited: after a new migration, run
 * \`npx vitest run -u --project postgres-18 test/store/schema-manifest.test.ts\`
 */
export const SCHEMA_MANIFEST: string = \`
${lines.join('\n')}
\`
`
}

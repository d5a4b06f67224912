import { expect, test } from 'vitest'
import { planStatement } from '../sql/plan.ts'
import type { CascadeCall } from './cascade-call.ts'
import type { Column, Table } from './catalog.ts'
import { effectsOf } from './effects.ts'
import { rewriteWrite } from './rewrite.ts'
import { carrySql, rewriteCarried } from './rewrite-carried.ts'

// This test writes docs/rewritten-statements.md with `vitest -u` and fails when it is out of date.
const column = (name: string, type: string): Column => ({
  name,
  type: `pg_catalog.${type}`,
  generated: false,
  virtual: false,
  holdsDocument: type === 'jsonb',
  looks: 'plain',
  idle: name !== 'id',
})

const user: Table = {
  oid: '1',
  schema: 'public',
  name: 'user',
  kind: 'r',
  inherited: false,
  columns: new Map(
    [column('id', 'int4'), column('email', 'text'), column('password', 'text'), column('visits', 'int4')].map(
      (each) => [each.name, each],
    ),
  ),
  key: ['id'],
  changedBeforeUpdate: false,
  rowSecurity: false,
  readable: true,
  ruled: false,
  captured: false,
  truncateCaptured: false,
  triggers: [],
  children: [],
  partitionOf: null,
}

const parent: Table = {
  ...user,
  children: [
    { schema: 'public', name: 'post', onDelete: 'c', onUpdate: 'c', columns: ['userId'], referenced: ['id'] },
  ],
}

const cascade: CascadeCall = {
  name: 'cascade_user',
  complete: true,
  returns: false,
  rowByRow: true,
  referenced: ['id'],
  tables: [['public', 'post']],
  relations: [],
  partitioned: [],
  state: '1234',
  rulesByTable: {},
  needsRules: false,
}

interface Example {
  readonly title: string
  readonly sql: string
  readonly table?: Table
  readonly rules?: Readonly<Record<string, 'mask'>>
  readonly cascade?: CascadeCall
}

const examples: readonly Example[] = [
  { title: 'INSERT', sql: `insert into "user" ("email", "visits") values ($1, $2) returning "id"` },
  {
    title: 'INSERT into a table with a secret column',
    sql: `insert into "user" ("email", "password") values ($1, $2)`,
    rules: { password: 'mask' },
  },
  {
    title: 'INSERT … ON CONFLICT DO NOTHING',
    sql: `insert into "user" ("id", "email") values ($1, $2) on conflict do nothing`,
  },
  {
    title: 'UPDATE',
    sql: `update "user" set "email" = $1, "visits" = "visits" + 1 where "id" = $2 returning "id", "email"`,
  },
  { title: 'UPDATE that only sets defaults', sql: `update "user" set "visits" = default where "id" = $1` },
  {
    title: 'Upsert',
    sql: `insert into "user" ("id", "email") values ($1, $2) on conflict ("id") do update set "email" = excluded."email" where "user"."visits" > 0`,
  },
  { title: 'DELETE', sql: `delete from "user" where "id" = $1` },
  {
    title: 'DELETE that may set off a foreign key action, where no function was made for the tables',
    sql: `delete from "user" where "id" = $1`,
    table: parent,
  },
  {
    title: 'UPDATE of a table with capture triggers',
    sql: `update "user" set "email" = $1 where "id" = $2 returning "id"`,
    table: { ...user, captured: true },
  },
  {
    title: 'DELETE whose foreign key actions are followed',
    sql: `delete from "user" where "id" = $1`,
    table: parent,
    cascade,
  },
  {
    title: 'UPDATE whose foreign key actions are followed',
    sql: `update "user" set "id" = $1 where "id" = $2 returning "email"`,
    table: parent,
    cascade,
  },
]

test('docs/rewritten-statements.md shows what runs', async () => {
  await expect(document()).toMatchFileSnapshot('../../../../docs/rewritten-statements.md')
})

function document(): string {
  const intro = `# What runs: original and rewritten statements

For the database administrator who finds \`indelible.log\` in a statement log. The user's text is kept as it was written;
one expression is added at the end of RETURNING, and its column is taken off the result again. The last parameter is the
context of the write: who, as part of what. Before PostgreSQL 18, which shows old rows in RETURNING, \`indelible.keep\`
puts the old image of a row into a transaction-local setting and \`indelible.log\` takes it from there.

The table is \`"user" (id integer primary key, email text, password text, visits integer)\`. Line breaks are added here.
`
  return [intro, ...examples.map(section)].join('\n')
}

function section({ title, sql, ...rest }: Example): string {
  const [on18, on15] = [180000, 150000].map((version) => rewritten({ title, sql, ...rest }, version))
  const lines = [`## ${title}`, '', fence(sql)]
  if (on18 === on15) return [...lines, '', fence(on18 ?? ''), ''].join('\n')
  return [
    ...lines,
    '',
    'PostgreSQL 18:',
    '',
    fence(on18 ?? ''),
    '',
    'PostgreSQL 15 to 17:',
    '',
    fence(on15 ?? ''),
    '',
  ].join('\n')
}

function rewritten({ sql, table = user, rules, cascade }: Example, version: number): string {
  const plan = planStatement(sql)
  if (plan.kind !== 'write') throw new Error(`not a write: ${sql}`)
  const parameter = `$${plan.maxParameter + 1}`
  if (table.captured) {
    const carry = carrySql({ context: parameter, table, verb: plan.verb, effects: [], relied: [] })
    return rewriteCarried({ sql, plan, table }, carry).sql
  }
  const context = `${parameter}::indelible.context`
  const result = rewriteWrite(
    { sql, plan, table },
    { version, context, rules, effects: effectsOf(plan, table, { find: () => undefined }), cascade },
  )
  return 'sql' in result ? result.sql : `-- ${result.refused}`
}

function fence(sql: string): string {
  const broken = sql.replace(/ (returning|where|on conflict|indelible\.log\()/g, '\n  $1')
  return ['```sql', broken, '```'].join('\n')
}

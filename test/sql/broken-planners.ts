import { planScan, planStatement } from '../../packages/core/src/sql/plan.ts'
import type { Plan, WritePlan } from '../../packages/core/src/sql/plan-types.ts'
import { postgresSql } from '../../packages/core/src/sql/postgres-sql.ts'
import { scanSql } from '../../packages/core/src/sql/scan.ts'
import type { LexicalRules, SqlDialect } from '../../packages/core/src/sql/sql-dialect.ts'

type Planner = (sql: string) => Plan

const { lexical } = postgresSql

/** Planners with one mistake each, to see whether the judge notices. */
export const brokenPlanners: Readonly<Record<string, Planner>> = {
  'does not look for other words that write': withDialect({ writeWords: new Set() }),
  'does not know INTO for a word that writes': withDialect({
    writeWords: new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']),
  }),
  'ignores semicolons': planWithoutSemicolons,
  'takes IS DISTINCT FROM for a clause': withDialect({ wordsBeforePlainFrom: new Set() }),
  'lets a backslash escape in plain strings': withLexical({ backslashEscapes: true }),
  'lets no backslash escape in E strings': withLexical({ escapeStrings: false }),
  'takes a no-break space for a blank': withLexical({
    isBlank: (code) => lexical.isBlank(code) || code === 0xa0,
  }),
  'does not nest comments': withLexical({ nestedComments: false }),
  'does not know dollar quotes': withLexical({ dollarQuotes: false }),
  'forgets the schema': withChange(({ table: { name } }) => ({ table: { name } })),
  'forgets the alias': withChange(({ table }) => ({ reference: `"${table.name}"` })),
  'forgets FROM': withChange(() => ({ hasFrom: false })),
  'forgets a star in RETURNING': withChange(() => ({ returningStars: false })),
  'forgets old and new in RETURNING': withChange(() => ({ returningNamesOldOrNew: false })),
  'forgets the highest parameter': withChange(() => ({ maxParameter: 0 })),
  'takes DEFAULT for an expression': withChange(({ set = [] }) => ({
    set: set.map((item) => ({ ...item, isDefault: false })),
  })),
  'names no column': withChange(() => ({ identifiers: () => new Set() })),
  'ends the body too early': withChange(({ bodyEnd }) => ({ bodyEnd: bodyEnd - 1 })),
  'ends the statement too early': withChange(({ end }) => ({ end: end - 1 })),
  'cuts a condition short': withChange(({ where }) =>
    where === undefined ? {} : { where: { ...where, end: where.end - 1 } },
  ),
  'ends SET where the body ends': withChange(({ setEnd, bodyEnd }) =>
    setEnd === undefined ? {} : { setEnd: bodyEnd },
  ),
}

function withDialect(change: Partial<SqlDialect>): Planner {
  const dialect = { ...postgresSql, ...change }
  return (sql) => planScan(scanSql(sql, dialect.lexical), dialect)
}

function withLexical(change: Partial<LexicalRules>): Planner {
  return withDialect({ lexical: { ...lexical, ...change } })
}

function planWithoutSemicolons(sql: string): Plan {
  const scan = scanSql(sql, lexical)
  return planScan({ ...scan, tokens: scan.tokens.filter(({ kind }) => kind !== 'semicolon') }, postgresSql)
}

function withChange(change: (plan: WritePlan) => Partial<WritePlan>): Planner {
  return (sql) => {
    const plan = planStatement(sql)
    return plan.kind === 'write' ? { ...plan, ...change(plan) } : plan
  }
}

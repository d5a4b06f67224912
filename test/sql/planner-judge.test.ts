import { describe, expect, test } from 'vitest'
import { planStatement } from '../../packages/core/src/sql/plan.ts'
import { corpora, ormStatements } from './corpora/corpora.ts'
import { judge } from './judge.ts'

describe.each(Object.entries(corpora))('statements %s', (_, statements) => {
  test('have no plan that the grammar of PostgreSQL contradicts', () => {
    const wrong = statements.flatMap((sql) => {
      const verdict = judge(sql, planStatement(sql))
      return verdict.kind === 'dangerous' ? [{ sql, why: verdict.why }] : []
    })
    expect(wrong).toEqual([])
  })
})

test('every write, read and transaction statement that an ORM sends is proved', () => {
  const refused = ormStatements.filter((sql) => judge(sql, planStatement(sql)).kind === 'cautious')
  expect(refused).toEqual([])
})

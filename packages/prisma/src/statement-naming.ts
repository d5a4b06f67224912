import type { SqlDriverAdapterFactory, SqlQuery } from '@prisma/driver-adapter-utils'

// A symbol, so that the name travels inside the query object and nothing else reads it.
const statementName: unique symbol = Symbol('indelible.statement')

interface NamedQuery extends SqlQuery {
  readonly [statementName]?: string
}

interface NamingOptions {
  readonly statementNameGenerator?: (query: SqlQuery) => string | undefined
}

/** Marks a query to be run as a named prepared statement. */
export function nameQuery(query: SqlQuery, name: string): NamedQuery {
  return { ...query, [statementName]: name }
}

/**
 * Makes `@prisma/adapter-pg` ask us for statement names, through its option `statementNameGenerator`. A generator of
 * the user's still names everything that we do not. Other adapters stay unnamed, which costs speed and nothing else.
 */
export function provideStatementNames(factory: SqlDriverAdapterFactory): void {
  // `options` is private in TypeScript only; the option itself is public, but may only be given at construction.
  const holder = factory as unknown as { options?: NamingOptions }
  if (factory.adapterName !== '@prisma/adapter-pg') return
  const { statementNameGenerator: users, ...others } = holder.options ?? {}
  holder.options = {
    ...others,
    statementNameGenerator: (query: NamedQuery) => query[statementName] ?? users?.(query),
  }
}

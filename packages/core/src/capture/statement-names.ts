/** Gives names to the texts worth preparing on the server. */
export interface StatementNames {
  /** The name of a text, from its second sighting on; `undefined` while it runs unnamed. */
  nameOf(sql: string): string | undefined
  /** Makes the next use of a text take a new name, after the server refused or lost the old one. */
  forget(sql: string): void
  /** The same for all texts, after the schema changed or the application dropped its prepared statements. */
  forgetAll(): void
}

// A named statement takes 30-40 KiB of the server's memory on each connection, and lives as long as it.
const maxNames = 100
const maxSeen = 1000

/** Creates the names of one pool of connections. */
export function createStatementNames(): StatementNames {
  const names = new Map<string, string>()
  const seen = new Set<string>()
  let given = 0

  return {
    nameOf(sql) {
      const name = names.get(sql)
      if (name !== undefined) return name
      if (names.size >= maxNames) return undefined
      if (!seen.has(sql)) {
        if (seen.size >= maxSeen) seen.clear()
        seen.add(sql)
        return undefined
      }
      given += 1
      names.set(sql, `indelible_${given}`)
      return names.get(sql)
    },
    forget: (sql) => void names.delete(sql),
    forgetAll: () => names.clear(),
  }
}

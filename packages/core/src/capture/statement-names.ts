import { createHash } from 'node:crypto'

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
// Names given anew stay behind on the server under their old form, so they are not given without end.
const maxGiven = 1000

/** Creates the names of one pool of connections. */
export function createStatementNames(): StatementNames {
  const names = new Map<string, string>()
  const seen = new Set<string>()
  const generations = new Map<string, number>()
  let given = 0

  function forget(sql: string): void {
    if (names.delete(sql)) generations.set(sql, (generations.get(sql) ?? 0) + 1)
  }

  return {
    nameOf(sql) {
      const name = names.get(sql)
      if (name !== undefined) return name
      if (names.size >= maxNames || given >= maxGiven) return undefined
      if (!seen.has(sql)) {
        if (seen.size >= maxSeen) seen.clear()
        seen.add(sql)
        return undefined
      }
      given += 1
      names.set(sql, nameFor(sql, generations.get(sql) ?? 0))
      return names.get(sql)
    },
    forget,
    forgetAll: () => [...names.keys()].forEach(forget),
  }
}

/** One text, one name, whoever gives it: several clients of a process may share a pool. */
function nameFor(sql: string, generation: number): string {
  const digest = createHash('sha256').update(sql).digest('hex').slice(0, 20)
  return generation === 0 ? `indelible_${digest}` : `indelible_${digest}_${generation}`
}

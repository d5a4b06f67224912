/** A copy of a JSON value, or what keeps it from being one. */
export interface JsonCopy {
  readonly copy?: unknown
  /** Completes a sentence that begins with the value's name. It repeats nothing of the value. */
  readonly fault?: string
}

const mostCharacters = 262_144
const mostLevels = 64

interface Budget {
  characters: number
}

/**
 * Copies a value of unknown origin that is to be JSON, and no larger than about 262,144 characters of it. Keys stay plain fields
 * of the copy, `__proto__` too; they never reach a prototype.
 */
export function copyJson(value: unknown): JsonCopy {
  try {
    return { copy: copyValue(value, mostLevels, { characters: mostCharacters }) }
  } catch (error) {
    // A proxy or getter may throw what it likes.
    return { fault: error instanceof Fault ? error.message : 'cannot be read: a proxy or getter threw' }
  }
}

/** Ends the walk. It never leaves this file. */
class Fault extends Error {}

function copyValue(value: unknown, levels: number, budget: Budget): unknown {
  spend(budget, 1)
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') return finite(value)
  if (typeof value === 'string') {
    spend(budget, value.length)
    return value
  }
  if (typeof value !== 'object') throw new Fault('holds what JSON cannot say')
  if (levels === 0) throw new Fault(`is nested more than ${mostLevels} levels deep`)
  if (Array.isArray(value)) return copyItems(value, levels - 1, budget)
  return copyFields(value, levels - 1, budget)
}

/** Holes count: an array may claim to be longer than memory. */
function copyItems(value: readonly unknown[], levels: number, budget: Budget): unknown {
  spend(budget, value.length)
  return Object.freeze(Array.from(value, (item) => copyValue(item, levels, budget)))
}

function copyFields(value: object, levels: number, budget: Budget): unknown {
  if (Object.prototype.toString.call(value) !== '[object Object]')
    throw new Fault('holds what JSON cannot say')
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  // Unlike an assignment, fromEntries makes a field of its own of every key.
  return Object.freeze(
    Object.fromEntries(
      fields.map(([key, field]) => {
        spend(budget, key.length)
        return [key, copyValue(field, levels, budget)]
      }),
    ),
  )
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Fault('holds what JSON cannot say')
  return value
}

function spend(budget: Budget, characters: number): void {
  budget.characters -= characters
  if (budget.characters < 0) throw new Fault(`has more than ${mostCharacters} characters`)
}

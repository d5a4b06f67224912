/** Choices that come out the same in every run. */
export interface Random {
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  /** One of `items`. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item
  /** `count` different items, or all when there are fewer. */
  sample<Item>(items: readonly Item[], count: number): Item[]
}

/** Creates a generator that repeats its sequence for the same seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    between,
    pick: (items) => items[between(0, items.length - 1)] ?? items[0],
    sample: (items, count) => sample(items, { count, between }),
  }
}

interface Draw {
  readonly count: number
  readonly between: Random['between']
}

/** A Fisher-Yates shuffle that stops after `count` items. */
function sample<Item>(items: readonly Item[], { count, between }: Draw): Item[] {
  const rest = [...items]
  const drawn: Item[] = []
  while (drawn.length < count && rest.length > 0) drawn.push(...rest.splice(between(0, rest.length - 1), 1))
  return drawn
}

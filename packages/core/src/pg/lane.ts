/** Keeps the statements of one client in the order in which they were sent. */
export interface Lane {
  /** Whether no statement is under way that may change the state of the connection. */
  readonly isQuiet: boolean
  /** Whether a statement would be sent now. */
  readonly isFree: boolean
  /** Sends a statement now, or when those that hold the lane are done. */
  enter<Result>(send: () => Sent<Result>): unknown
  /** Counts a statement as under way until it is answered. */
  follow<Result>(result: Promise<Result>): Promise<Result>
  /** Notes a statement whose answer cannot be followed. */
  overtake(): void
  /** Resolves when nothing is under way: to whether the state of the connection may still be about to change. */
  settled(): Promise<boolean>
}

/** A statement that was sent. */
export interface Sent<Result> {
  readonly result: Result
  /** What later statements must wait for, because it takes several turns. */
  readonly turns?: Promise<unknown>
}

/** Creates the lane of a client. */
export function createLane(): Lane {
  const underWay = new Set<Promise<unknown>>()
  let failed = false
  let overtaken = false
  let last: Promise<void> | undefined

  /** Until it is answered, whichever way: its caller hears of an error, and finds the lane free then. */
  function hold(turns: Promise<unknown>): void {
    const end = () => {
      if (last === held) last = undefined
    }
    const held = turns.then(end, end)
    last = held
  }

  return {
    get isQuiet() {
      return underWay.size === 0 && !overtaken
    },
    get isFree() {
      return last === undefined
    },
    overtake() {
      overtaken = true
    },
    enter(send) {
      if (last === undefined) {
        const { result, turns } = send()
        if (turns !== undefined) hold(turns)
        return result
      }
      const sent = last.then(send)
      hold(sent.then(({ turns }) => turns))
      return sent.then(({ result }) => result)
    },
    follow(result) {
      const end = (isFailure: boolean) => () => {
        failed = isFailure
        underWay.delete(ended)
      }
      const ended = result.then(end(false), end(true))
      underWay.add(ended)
      return result
    },
    async settled() {
      await Promise.all(underWay)
      const isUnsettled = failed || overtaken
      overtaken = false
      return isUnsettled
    },
  }
}

/** Keeps the statements of one client in the order in which they were sent. */
export interface Lane {
  /** How many statements that may change the state of the connection are under way. */
  readonly underWay: number
  /** Sends a statement now, or when those that hold the lane are done. */
  enter<Result>(send: () => Sent<Result>): unknown
  /** Counts a statement as under way until it is answered. */
  follow<Result>(result: Promise<Result>): Promise<Result>
  /** Resolves when nothing is under way: to whether the last answer was an error. */
  settled(): Promise<boolean>
}

/** A statement that was sent. */
export interface Sent<Result> {
  readonly result: Result
  /** Whether later statements must wait until it is answered, because it takes several turns. */
  readonly holdsLane?: boolean
}

/** Creates the lane of a client. */
export function createLane(): Lane {
  const underWay = new Set<Promise<unknown>>()
  let failed = false
  let last: Promise<void> | undefined

  function hold(until: Promise<void>): void {
    const held = until.finally(() => {
      if (last === held) last = undefined
    })
    last = held
  }

  return {
    get underWay() {
      return underWay.size
    },
    enter(send) {
      if (last === undefined) {
        const { result, holdsLane = false } = send()
        if (holdsLane) hold(answered(result))
        return result
      }
      const sent = last.then(send)
      hold(sent.then(({ result, holdsLane = false }) => (holdsLane ? answered(result) : undefined), ignore))
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
      return failed
    },
  }
}

/** Resolves when a statement was answered, whichever way. Its caller hears of an error. */
function answered(result: unknown): Promise<void> {
  return Promise.resolve(result).then(ignore, ignore)
}

function ignore(): void {}

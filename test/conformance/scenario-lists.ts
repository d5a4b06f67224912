import type { ExactScenario, RecordedScenario } from './orm-harness.ts'

type Step<Native> = (native: Native) => PromiseLike<unknown>
type Line<Native> = readonly [name: string, run: Step<Native>, arrange?: Step<Native>]

/** Makes scenarios that throw, and whose changes up to there, if any stay, are captured row by row. */
export function failing<Native>(...list: readonly Line<Native>[]): ExactScenario<Native>[] {
  return exactly(...list).map((scenario) => ({ ...scenario, fails: true }))
}

/** Makes scenarios that are captured row by row. */
export function exactly<Native>(...list: readonly Line<Native>[]): ExactScenario<Native>[] {
  return list.map(([name, run, arrange]) => ({ name, expects: 'exact', run, ...(arrange && { arrange }) }))
}

/** Makes scenarios of which some statements are announced instead. */
export function recorded<Native>(
  ...list: readonly (readonly [
    name: string,
    announces: readonly string[],
    run: Step<Native>,
    arrange?: Step<Native>,
  ])[]
): RecordedScenario<Native>[] {
  return list.map(([name, announces, run, arrange]) => ({
    name,
    expects: 'recorded',
    announces,
    run,
    ...(arrange && { arrange }),
  }))
}

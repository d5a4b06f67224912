import type { ExactScenario, RecordedScenario } from './orm-harness.ts'

type Step<Native> = (native: Native) => PromiseLike<unknown>

/** Makes scenarios that are captured row by row. */
export function exactly<Native>(
  ...list: readonly (readonly [name: string, run: Step<Native>, arrange?: Step<Native>])[]
): ExactScenario<Native>[] {
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

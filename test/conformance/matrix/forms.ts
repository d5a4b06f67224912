import type { Scenario, ShopSession } from '../orm-harness.ts'

/** A statement of the application's own, which every ORM sends through its call for raw SQL. */
export interface Form {
  /** The line of docs/coverage.md that it belongs to. Several forms may share one. */
  readonly operation: string
  /** What tells it from others of its line. */
  readonly detail?: string
  /** The first version of PostgreSQL that knows it. @default 15 */
  readonly since?: number
  /** The first version on which it is listed as another form, because it comes out otherwise. */
  readonly before?: number
  /** ORMs whose call for raw SQL cannot send it, with or without Indelible. */
  readonly notBy?: readonly string[]
  /** That it makes its connection uncertain, so that others must come before. */
  readonly last?: boolean
  readonly scenario: Scenario<ShopSession>
}

/** What one session does. */
export type Work = (session: ShopSession) => PromiseLike<unknown>

type Line = readonly [operation: string, run: Work, options?: FormOptions]

interface FormOptions extends Pick<Form, 'detail' | 'since' | 'before' | 'notBy' | 'last'> {
  readonly arrange?: Work
}

/** Forms that are captured row by row. */
export function exactForms(...lines: readonly Line[]): Form[] {
  return lines.map(([operation, run, options]) => formOf(operation, { expects: 'exact', run }, options))
}

/** Forms that are announced. */
export function recordedForms(
  ...lines: readonly (readonly [
    operation: string,
    announces: readonly string[],
    run: Work,
    options?: FormOptions & { readonly unnamed?: readonly string[] },
  ])[]
): Form[] {
  return lines.map(([operation, announces, run, { unnamed = [], ...options } = {}]) =>
    formOf(operation, { expects: 'recorded', announces, unnamed, run }, options),
  )
}

/** Forms behind which the database changes rows that are not seen. */
export function unseenForms(
  ...lines: readonly (readonly [
    operation: string,
    unseen: readonly string[],
    run: Work,
    options?: FormOptions,
  ])[]
): Form[] {
  return lines.map(([operation, unseen, run, options]) =>
    formOf(operation, { expects: 'unseen', unseen, run }, options),
  )
}

/** Sends statements one after another, each on any connection. Result: the rows of each. */
export function send(...texts: readonly string[]): Work {
  return async (session) => {
    const results: unknown[] = []
    for (const text of texts) results.push(await session.sql(text))
    return results
  }
}

/** Sends statements one after another in a transaction. */
export function sendInTransaction(...texts: readonly string[]): Work {
  return (session) => session.transaction(async (inner) => send(...texts)(inner))
}

/** The name of a form's scenario. */
export function nameOfForm({ operation, detail }: Pick<Form, 'operation' | 'detail'>): string {
  return detail === undefined ? operation : `${operation}: ${detail}`
}

type Unnamed<Kind> = Kind extends unknown ? Omit<Kind, 'name'> : never

function formOf(
  operation: string,
  scenario: Unnamed<Scenario<ShopSession>>,
  { arrange, ...options }: FormOptions = {},
): Form {
  const name = nameOfForm({ operation, ...options })
  return { operation, ...options, scenario: { ...scenario, name, ...(arrange && { arrange }) } }
}

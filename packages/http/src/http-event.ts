/** What writes events: every `Audit` does. */
export interface EventRecorder {
  record(event: HttpEvent): Promise<unknown>
}

/** The event that a request leaves. */
export interface HttpEvent {
  readonly action: string
  readonly outcome: 'success' | 'failure' | 'denied'
  readonly severity: 'info' | 'success' | 'warning' | 'error'
  readonly resource: string
  readonly resourceId: string
  readonly metadata: Readonly<Record<string, unknown>>
}

/** How a request ended. */
export interface HttpOutcome {
  /** Of the response; absent where none was begun. */
  readonly status?: number
  /** What the handler threw, if the framework shows it. */
  readonly error?: unknown
  /** The connection was closed before the response was complete. */
  readonly aborted?: boolean
}

/** What is known of a request beside its outcome. */
export interface EventFacts {
  readonly action: string
  readonly method: string
  /** The pattern of the route, or the path where no route is known. */
  readonly place: string
  readonly durationMs: number
  readonly body?: unknown
}

/** Describes a request that has ended. Errors are told by name and code: their messages may hold anything. */
export function describeEvent(facts: EventFacts, { status, error, aborted }: HttpOutcome): HttpEvent {
  const { action, method, place, durationMs, body } = facts
  return {
    action,
    outcome: outcomeOf(status),
    severity: severityOf(status),
    resource: 'http',
    resourceId: shorten(`${method} ${place}`),
    metadata: {
      ...(status !== undefined && { status }),
      durationMs,
      ...(aborted === true && { aborted }),
      ...(error !== undefined && { error: describeError(error) }),
      ...(body !== undefined && { body }),
    },
  }
}

/** Tells how a request ended by its status; one without a response has failed. */
export function outcomeOf(status: number | undefined): HttpEvent['outcome'] {
  if (status === undefined) return 'failure'
  if (status < 400) return 'success'
  return status === 401 || status === 403 ? 'denied' : 'failure'
}

function severityOf(status: number | undefined): HttpEvent['severity'] {
  if (status === undefined) return 'warning'
  if (status < 300) return 'success'
  if (status < 400) return 'info'
  return status < 500 ? 'warning' : 'error'
}

// An index row of PostgreSQL holds some 2,700 bytes, and a path may be as long as the server allows.
const longestPlace = 500

function shorten(text: string): string {
  return text.length <= longestPlace ? text : `${text.slice(0, longestPlace - 1)}…`
}

// What an application throws may be named by anything. Names are those of classes; codes are words like ECONNREFUSED and ERR_HTTP2_X,
// a SQLSTATE, or a letter and digits like P2002. What looks otherwise could be a secret, and is left out.
const errorName = /^(?=.{1,64}$)[A-Z][A-Za-z]*\d{0,2}[A-Za-z]*$/
const errorCode = /^(?=.{1,64}$)(?:[A-Z]+\d{0,3}(?:_[A-Z]*\d{0,3})*|[0-9A-Z]{5}|[A-Z]\d{4,5})$/

function describeError(error: unknown): { readonly name: string; readonly code?: string } {
  if (!(error instanceof Error)) return { name: typeof error }
  const code = 'code' in error ? error.code : undefined
  const isCode = typeof code === 'string' && errorCode.test(code)
  return { name: errorName.test(error.name) ? error.name : 'Error', ...(isCode && { code }) }
}

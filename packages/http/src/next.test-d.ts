import { expectTypeOf } from 'vitest'
import { auditRoute, type NextAuditOptions } from './next.ts'

/** What Next adds to a request, as far as handlers may ask for it. */
interface NextRequest extends Request {
  readonly nextUrl: URL
  readonly cookies: { get(name: string): { readonly value: string } | undefined }
}

interface RouteContext {
  readonly params: Promise<{ readonly id: string }>
}

declare const after: <Value>(task: Promise<Value> | (() => Value | Promise<Value>)) => void

const audited = auditRoute({ after, actor: ({ native }) => ({ id: native.url }) })

// What is wrapped takes and gives what the handler does, without type arguments.
const POST = audited(async (request) => Response.json(await request.json()))
expectTypeOf(POST).toEqualTypeOf<(request: Request) => Promise<Response>>()

const PUT = audited(
  async (request: NextRequest, { params }: RouteContext) => {
    const { id } = await params
    return Response.json({ id, page: request.nextUrl.searchParams.get('page') })
  },
  { route: '/api/orders/[id]' },
)
expectTypeOf(PUT).toEqualTypeOf<(request: NextRequest, context: RouteContext) => Promise<Response>>()

// What Next's own check of a route's exports asks of them.
PUT satisfies (
  request: NextRequest,
  context: { params: Promise<{ id: string }> },
) => Promise<Response> | Response
const DELETE = audited((_request: NextRequest) => new Response(null, { status: 204 }))
expectTypeOf(DELETE).toEqualTypeOf<(request: NextRequest) => Promise<Response>>()

auditRoute()
audited.settled() satisfies Promise<void>
expectTypeOf<NextAuditOptions['after']>().toEqualTypeOf<((work: Promise<unknown>) => void) | undefined>()
// @ts-expect-error: a handler gives a response
audited(async () => ({ status: 200 }))
// @ts-expect-error: an option that does not exist
auditRoute({ actors: [] })
// @ts-expect-error: a fact that does not exist
audited(async () => new Response(), { path: '/api' })

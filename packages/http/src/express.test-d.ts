import type { Application, ErrorRequestHandler, RequestHandler } from 'express'
import { auditMiddleware, type ExpressRequestLike, errorMiddleware, identifyMiddleware } from './express.ts'

declare const app: Application

// The structural descriptions fit the real types, in both directions that are used.
const audited: RequestHandler = auditMiddleware({ actor: ({ native }) => ({ id: String(native.user) }) })
const identify: RequestHandler = identifyMiddleware()
const errors: ErrorRequestHandler = errorMiddleware()
app.use(audited, identify, errors)
app.use(auditMiddleware(), identifyMiddleware(), errorMiddleware())
app.get('/orders/:id', auditMiddleware(), (request) => request.params.id satisfies string)

declare const request: Parameters<RequestHandler>[0]
request satisfies ExpressRequestLike

auditMiddleware().settled() satisfies Promise<void>
// @ts-expect-error: not an option
auditMiddleware({ actr: undefined })
// @ts-expect-error: an actor has an id
auditMiddleware({ actor: () => ({ name: 'ada' }) })

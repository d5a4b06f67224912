import type Koa from 'koa'
import { auditMiddleware, identifyMiddleware, type KoaContextLike } from './koa.ts'

declare const app: Koa
declare const context: Koa.Context

app.use(auditMiddleware({ actor: ({ native }) => ({ id: String(native.state['user']) }) }))
app.use(identifyMiddleware())
context satisfies KoaContextLike

auditMiddleware().settled() satisfies Promise<void>
// @ts-expect-error: not an option
auditMiddleware({ actr: undefined })

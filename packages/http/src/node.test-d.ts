import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import { auditHandler } from './node.ts'

const handler: RequestListener = auditHandler({}, (_request, response) => response.end())
http.createServer(handler)
https.createServer(auditHandler({ actor: ({ native }) => ({ id: String(native.url) }) }, async () => {}))

auditHandler({}, () => {}).settled() satisfies Promise<void>
// @ts-expect-error: a handler is needed
auditHandler({})

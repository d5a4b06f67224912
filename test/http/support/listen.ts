import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server on a free port of this machine. */
export interface Listening {
  readonly url: string
  close(): Promise<void>
}

/** Starts a server for a listener of requests. */
export async function listen(listener: http.RequestListener): Promise<Listening> {
  return listening(http.createServer(listener).listen(0, '127.0.0.1'))
}

/** Waits for a server that was told to listen. */
export async function listening(server: http.Server): Promise<Listening> {
  if (!server.listening) await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** An error that asks for a status, as `http-errors` makes them. */
export function errorOfStatus(status: number): Error {
  return Object.assign(new Error('refused'), { status, expose: status < 500 })
}

/** The status that an error asks for, as the error handlers of the test applications answer it. */
export function statusOf(error: unknown): number {
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  return typeof status === 'number' ? status : 500
}

/** What the error handlers of the test applications answer. */
export function errorBody(error: unknown): { readonly error: string } {
  return { error: error instanceof Error ? error.message : String(error) }
}

import { createServer, type Server, type Socket } from 'node:net'
import { type AcceptHandlers, interceptAccepts } from './internals'

/** Where a server listens: as Node takes it. */
export type Where =
  | { readonly fd: number }
  | { readonly path: string }
  | { readonly host: string; readonly port: number; readonly ipv6Only?: boolean }

export interface ServerHandlers extends AcceptHandlers {
  /** Where Node's internals are others: a socket that Node made. */
  acceptedSocket(socket: Socket): void
}

/** A server of Node's that accepts every caller. Resolves once it listens. */
export async function acceptByNode(
  where: Where,
  backlog: number | undefined,
  isDirect: boolean,
  handlers: ServerHandlers,
): Promise<Server> {
  const server = createServer({ allowHalfOpen: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    // No caller can come before this: the event is told in the turn of the loop in which listen(2) was called.
    server.once('listening', () => {
      server.off('error', reject)
      takeCallers(server, isDirect, handlers)
      resolve()
    })
    // With a descriptor, Node takes a backlog only as a second argument.
    if ('fd' in where && backlog !== undefined) server.listen(where, backlog)
    else server.listen({ ...where, ...(backlog === undefined ? {} : { backlog }) })
  })
  return server
}

function takeCallers(server: Server, isDirect: boolean, handlers: ServerHandlers): void {
  if (isDirect && interceptAccepts(server, handlers)) return
  server.on('connection', (socket) => {
    if (handlers.mayAccept()) handlers.acceptedSocket(socket)
    else socket.destroy()
  })
}

import { type AcceptQueue } from '../../../shared/model/summary'
import { readSocket, type KernelSocket } from './readSocket'

/**
 * Who waits to be accepted now, the limit, and how many were dropped: of a listening TCP socket, sk_drops counts the SYNs and the last
 * acknowledgements that found no room (tcp_listendrop in the kernel). Null where the kernel does not tell.
 */
export function acceptQueueOf(listening: KernelSocket): AcceptQueue | null {
  const { acceptQueue, acceptLimit, drops } = readSocket(listening)?.values ?? {}
  return acceptQueue === undefined || acceptLimit === undefined
    ? null
    : { length: acceptQueue, limit: acceptLimit, dropped: drops ?? 0 }
}

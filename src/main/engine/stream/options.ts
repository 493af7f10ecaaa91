import { type Socket } from 'node:net'
import { type OptionReading, type StreamOptions } from '../../../shared/model/options'
import { type OptionName, type OptionValue } from '../../../shared/model/socketOptions'
import { asksOf } from '../../../shared/model/socketOptions/asks'
import { fulfilAll, type NodeCalls } from '../posix/asks'
import { fulfil, readAll } from '../posix/readings'
import { descriptorOf } from './internals'

/** An open connection's socket, as its options need to know it. */
export interface OpenStream {
  readonly socket: Socket
  readonly kind: 'tcp' | 'unix'
  /** Of its addresses; null for Unix. */
  readonly family: 4 | 6 | null
}

/**
 * Sets what is asked and reads each back from the kernel (tcp(7), ip(7), socket(7)).
 * @returns one reading per option asked, empty when the socket has no descriptor any more
 */
export function setStreamOptions(stream: OpenStream, asked: StreamOptions): readonly OptionReading[] {
  const { socket, kind, family } = stream
  const descriptor = descriptorOf(socket)
  if (descriptor === null) return []
  return fulfilAll(descriptor, asksOf(asked, kind, family), nodeCalls(socket, asked))
}

function nodeCalls(socket: Socket, { noDelay, keepAlive, keepAliveDelayMs }: StreamOptions): NodeCalls {
  return {
    TCP_NODELAY: () => socket.setNoDelay(noDelay),
    SO_KEEPALIVE: () => socket.setKeepAlive(keepAlive, keepAliveDelayMs),
    TCP_KEEPIDLE: () => socket.setKeepAlive(keepAlive ?? true, keepAliveDelayMs),
  }
}

/** Sets one option; null when the socket has no descriptor any more. */
export function setStreamOption(
  { socket }: OpenStream,
  option: OptionName,
  asked: OptionValue,
): OptionReading | null {
  const descriptor = descriptorOf(socket)
  return descriptor === null ? null : fulfil(descriptor, { option, asked })
}

/** All options of an open connection, as the kernel has them now. */
export function readStreamOptions(
  { socket, kind, family }: OpenStream,
  known: readonly OptionReading[],
): readonly OptionReading[] {
  const descriptor = descriptorOf(socket)
  return descriptor === null ? known : readAll(descriptor, kind, family, known)
}

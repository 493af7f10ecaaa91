import { type SocketId } from '../../../shared/model/ids'
import { type Counters } from '../../../shared/model/summary'
import { type Area } from './area'

export const socketHandlers: Area<'socket'> = {
  'socket.list'(_input, { engine, capture }) {
    const sockets = engine.summaries()
    const counters: (readonly [SocketId, Counters])[] = []
    for (const { id } of sockets) {
      const each = engine.counters(id)
      if (each !== null) counters.push([id, each])
    }
    return { ok: true, value: { sockets, counters, recording: capture.status() } }
  },
  'socket.readOptions': ({ id }, { engine }) => engine.readOptions(id),
  'socket.forget': ({ id }, { engine }) => engine.forget(id),
}

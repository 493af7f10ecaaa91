import { type SocketId } from '../../../shared/model/ids'
import { type Counters } from '../../../shared/model/summary'
import { type Area } from './area'

export const socketHandlers: Area<'socket'> = {
  'socket.list'(_input, { engine, recording, earlier, opened }) {
    const sockets = engine.summaries()
    const counters: (readonly [SocketId, Counters])[] = []
    for (const { id } of sockets) {
      const each = engine.counters(id)
      if (each !== null) counters.push([id, each])
    }
    for (const { summary, counters: each } of [...earlier.all(), ...opened.sockets()]) {
      sockets.push(summary)
      counters.push([summary.id, each])
    }
    return { ok: true, value: { sockets, counters, recording: recording.status(), opened: opened.list() } }
  },
  'socket.setOption': ({ id, name, value }, { engine }) => engine.setOption(id, name, value),
  'socket.readOptions': ({ id }, { engine }) => engine.readOptions(id),
  async 'socket.forget'({ id }, { engine, earlier, opened }) {
    if (earlier.has(id)) {
      earlier.forget(id)
      return { ok: true, value: null }
    }
    if (!opened.has(id)) return engine.forget(id)
    await opened.forget(id)
    return { ok: true, value: null }
  },
}

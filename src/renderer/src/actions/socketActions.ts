import { call } from '../bridge/bridge'
import { hasEnded, useSocketsStore } from '../stores/sockets'
import { openBench } from './bench'
import { phoneCall } from './open'
import type { SocketId } from '@shared/model/ids'
import type { Action } from './action'
import { targets, report, focusAddress } from './action'

export function openActions(): Action[] {
  return [
    {
      id: 'address.focus',
      title: 'Go to the address field',
      keys: '$mod+l',
      group: 'Open',
      run: () => focusAddress(),
    },
    {
      id: 'endpoint.listen',
      title: 'Listen on the address',
      group: 'Open',
      run: () => targets.submitAddress('listen'),
    },
    {
      id: 'endpoint.dial',
      title: 'Dial the address',
      group: 'Open',
      run: () => targets.submitAddress('dial'),
    },
    {
      id: 'endpoint.bind',
      title: 'Bind a datagram socket (UDP, Unix, raw) to the address',
      group: 'Open',
      run: () => targets.submitAddress('bind'),
    },
    {
      id: 'bench.open',
      title: 'New syscall bench: sockets, one call at a time',
      keys: '$mod+b',
      group: 'Open',
      run: () => void openBench(),
    },
    {
      id: 'demo.open',
      title: 'Try the phone call: a listener and two clients',
      group: 'Open',
      run: () => void phoneCall(),
    },
  ]
}

export function connectionActions(active: SocketId | null): Action[] {
  if (active === null) return []
  const summary = useSocketsStore().all.get(active)
  if (summary === undefined || hasEnded(summary)) return []
  const { id } = summary
  const group = 'Connection'
  switch (summary.kind) {
    case 'listener':
      return [
        {
          id: 'listener.close',
          title: `Close listener ${id}`,
          group,
          run: () => void report(id, call('listener.close', { id: summary.id })),
        },
      ]
    case 'udp':
    case 'unixgram':
    case 'raw':
      return [
        {
          id: 'udp.close',
          title: `Close ${id}`,
          group,
          run: () => void report(id, call('udp.close', { id: summary.id })),
        },
      ]
    case 'bench':
      return [
        {
          id: 'bench.close',
          title: `Close bench ${id} and its sockets`,
          group,
          run: () => void report(id, call('bench.close', { id: summary.id })),
        },
      ]
    case 'benchSocket':
      return []
    case 'connection': {
      const c = summary.id
      return [
        {
          id: 'connection.close',
          title: `Close ${id} (FIN)`,
          group,
          run: () => void report(id, call('connection.close', { id: c })),
        },
        {
          id: 'connection.halfClose',
          title: `Half-close ${id} (shut down sending)`,
          group,
          run: () => void report(id, call('connection.halfClose', { id: c })),
        },
        {
          id: 'connection.reset',
          title: `Reset ${id} (RST)`,
          group,
          run: () => void report(id, call('connection.reset', { id: c })),
        },
        summary.isReadingPaused
          ? {
              id: 'connection.resume',
              title: `Resume reading ${id}`,
              group,
              run: () => void report(id, call('connection.resume', { id: c })),
            }
          : {
              id: 'connection.pause',
              title: `Pause reading ${id}`,
              group,
              run: () => void report(id, call('connection.pause', { id: c })),
            },
      ]
    }
  }
}

/** Takes one entry off the list, and its pane away; the record keeps it. */
export async function forget(id: SocketId): Promise<void> {
  await report(id, call('socket.forget', { id }))
}

/** Takes everything that has ended off the list; the record keeps it. */
export async function forgetEnded(): Promise<void> {
  const ended = [...useSocketsStore().all.values()].filter(hasEnded)
  await Promise.all(ended.map(({ id }) => forget(id)))
}

import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { ServiceEvent } from '@shared/contract/events'
import type { ConnectionId } from '@shared/model/ids'
import type { ConnectionSummary, ListenerSummary } from '@shared/model/summary'
import { openFailure } from '../actions/open'
import { installBridge, settledPromises, type RecordedBridge } from '../testing/recordedBridge'
import { usePanesStore } from './panes'
import { followSession } from './session'
import { useSocketsStore } from './sockets'

const at = { kind: 'tcp', host: '127.0.0.1', port: 1 } as const
function connection(id: ConnectionId, phase: 'open' | 'halfClosed'): ConnectionSummary {
  return {
    kind: 'connection',
    id,
    listener: null,
    asked: 'tcp://127.0.0.1:1',
    state:
      phase === 'open' ? { phase, local: at, remote: at } : { phase, by: 'remote', local: at, remote: at },
    isReadingPaused: false,
    queuedBytes: 0,
    options: [],
  }
}
const changed = (value: ConnectionSummary | ListenerSummary): ServiceEvent => ({
  name: 'socket.changed',
  value,
})

let bridge: RecordedBridge
beforeEach(() => {
  setActivePinia(createPinia())
  bridge = installBridge()
})

describe('following the session', () => {
  test('what changed before the first answer came is applied after it', async () => {
    bridge.isHolding = true
    bridge.sockets = [connection('C1', 'open')]
    const following = followSession()
    bridge.emit(changed(connection('C1', 'halfClosed')))
    // The list, and the arrangement.
    await bridge.release()
    await bridge.release()
    await following
    expect(useSocketsStore().all.get('C1')?.state.phase).toBe('halfClosed')
  })

  test('with thousands of sockets, changes are gathered, and none overtakes another', async () => {
    vi.useFakeTimers()
    try {
      bridge.sockets = Array.from({ length: 2000 }, (_, n) => connection(`C${n + 1}`, 'open'))
      await followSession()
      const sockets = useSocketsStore()
      bridge.emit(changed(connection('C1', 'halfClosed')))
      expect(sockets.all.get('C1')?.state.phase).toBe('open')
      // The list becomes short while they wait: what comes now still comes after them.
      sockets.replaceAll([connection('C1', 'open')])
      bridge.emit({ name: 'socket.forgotten', value: { id: 'C1' } })
      vi.advanceTimersByTime(100)
      expect(sockets.all.has('C1')).toBe(false)
      bridge.emit(changed(connection('C2', 'open')))
      expect(sockets.all.has('C2')).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  test('a listener that could not open shows its pane, and says so there only', async () => {
    await followSession()
    const opened: string[] = []
    const none = (): void => undefined
    usePanesStore().attach({
      open: (id) => opened.push(id),
      close: none,
      activateAt: none,
      placeAt: none,
      step: none,
      resetLayout: none,
    })
    const fault = { code: 'EADDRINUSE', syscall: 'listen', summary: 'In use.' }
    openFailure.value = { ...fault }
    const failed: ListenerSummary = {
      kind: 'listener',
      id: 'L1',
      asked: 'tcp://127.0.0.1:1',
      state: { phase: 'failed', fault },
      behaviour: 'none',
      accepted: 0,
      dropped: 0,
    }
    bridge.emit(changed(failed))
    await settledPromises()
    expect(opened).toEqual(['L1'])
    expect(openFailure.value).toBeNull()
    // Told once: a later change of the same does not open it again.
    bridge.emit(changed(failed))
    expect(opened).toEqual(['L1'])
  })
})

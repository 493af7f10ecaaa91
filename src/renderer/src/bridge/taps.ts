import { channels, type TapArrival } from '@shared/contract/bridge'
import type { TapMessage, TapSettlement } from '@shared/contract/tap'
import type { SocketId } from '@shared/model/ids'
import { host } from './bridge'

/** A live view of the end of one socket's record. */
export interface TapHandle {
  close(): void
}

const arrived = new Map<number, MessagePort>()
const awaited = new Map<number, (port: MessagePort) => void>()
let isListening = false

/** The preload hands each port on as a message of this window to itself, before or after the answer to `tap.open`. */
function listenForPorts(): void {
  if (isListening) return
  isListening = true
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    const port = event.ports[0]
    if (event.source !== window || port === undefined || !isArrival(event.data)) return
    const { tap } = event.data
    const waiting = awaited.get(tap)
    if (waiting === undefined) {
      arrived.set(tap, port)
      return
    }
    awaited.delete(tap)
    waiting(port)
  })
}

function isArrival(data: unknown): data is TapArrival {
  return (
    typeof data === 'object' &&
    data !== null &&
    (data as Partial<TapArrival>).type === channels.tap &&
    typeof (data as Partial<TapArrival>).tap === 'number'
  )
}

/**
 * Follows a socket's record from row `from` on. What `deliver` is given counts against the tap's credit until `settle` is called
 * with its cost, after it was drawn. Closing at any moment is fine, also before the port has come.
 */
export function openTap(
  id: SocketId,
  from: number,
  deliver: (message: TapMessage, settle: (bytes: number) => void) => void,
): TapHandle {
  listenForPorts()
  let isClosed = false
  let tap: number | null = null
  let port: MessagePort | null = null

  const attach = (opened: MessagePort): void => {
    if (isClosed) {
      opened.close()
      return
    }
    port = opened
    const settle = (settleBytes: number): void => {
      if (!isClosed) opened.postMessage({ settleBytes } satisfies TapSettlement)
    }
    opened.onmessage = (event: MessageEvent<TapMessage>) => {
      if (!isClosed) deliver(event.data, settle)
    }
  }

  const release = (opened: number): void => {
    awaited.delete(opened)
    arrived.get(opened)?.close()
    arrived.delete(opened)
    void host('tap.close', { tap: opened })
  }

  void host('tap.open', { id, from }).then((reply) => {
    // A tap that cannot be opened leaves the pane to pull: the counters tell it when.
    if (!reply.ok) return
    if (isClosed) {
      release(reply.value.tap)
      return
    }
    tap = reply.value.tap
    const early = arrived.get(tap)
    if (early === undefined) awaited.set(tap, attach)
    else {
      arrived.delete(tap)
      attach(early)
    }
  })

  return {
    close() {
      if (isClosed) return
      isClosed = true
      port?.close()
      if (tap !== null) release(tap)
    },
  }
}

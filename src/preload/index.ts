import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron'
import { channels, type Bridge, type TapArrival } from '../shared/contract/bridge'
import { type ServiceEvent } from '../shared/contract/events'
import { fault, type Reply } from '../shared/model/fault'

type EventListener = (events: readonly ServiceEvent[]) => void
type ActionListener = (action: string) => void

const eventListeners = new Set<EventListener>()
const actionListeners = new Set<ActionListener>()

/** Answers a reply whatever happens: what cannot be sent at all (a function, a symbol) is a fault like any other. */
async function ask(channel: string, name: unknown, input: unknown): Promise<Reply<never>> {
  try {
    return (await ipcRenderer.invoke(channel, name, input)) as Reply<never>
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
    return { ok: false, fault: fault('SB_INPUT', `The command could not be handed over: ${reason}.`) }
  }
}

/** Tells main this page from the one before it in the same window. */
const page = crypto.getRandomValues(new Uint32Array(4)).join('-')

/** What came while nobody listened; main sends no more until it has been handed on. */
let held: readonly ServiceEvent[] | null = null
let hasBegun = false

function handOn(events: readonly ServiceEvent[]): void {
  // Before the listeners run, so that one that throws does not end the flow. The next batch waits for this turn's end anyway.
  ipcRenderer.send(channels.eventsTaken, page)
  for (const listener of eventListeners) listener(events)
}

ipcRenderer.on(channels.events, (_event: IpcRendererEvent, events: readonly ServiceEvent[]) => {
  if (eventListeners.size === 0) held = events
  else handOn(events)
})

ipcRenderer.on(channels.action, (_event: IpcRendererEvent, action: string) => {
  for (const listener of actionListeners) listener(action)
})

// A MessagePort does not survive contextBridge; window.postMessage hands it over. To our own origin only.
ipcRenderer.on(channels.tap, (event: IpcRendererEvent, { tap }: { readonly tap: number }) => {
  const arrival: TapArrival = { type: channels.tap, tap }
  window.postMessage(arrival, window.location.origin, [...event.ports])
})

const bridge: Bridge = {
  call: (name, input) => ask(channels.call, name, input),
  host: (name, input) => ask(channels.host, name, input),
  onEvents(listener) {
    eventListeners.add(listener)
    if (held !== null) {
      const events = held
      held = null
      handOn(events)
    } else if (!hasBegun) {
      ipcRenderer.send(channels.eventsTaken, page)
    }
    hasBegun = true
    return () => eventListeners.delete(listener)
  },
  onAction(listener) {
    actionListeners.add(listener)
    return () => actionListeners.delete(listener)
  },
  // The page cannot make up a path: a File that did not come from the system has none.
  openDropped: (file) => ask(channels.dropped, webUtils.getPathForFile(file), null),
  platform: process.platform,
}

contextBridge.exposeInMainWorld('switchboard', bridge)

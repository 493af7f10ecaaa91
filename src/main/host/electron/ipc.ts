import path from 'node:path'
import { ipcMain, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron'
import { channels } from '../../../shared/contract/bridge'
import { fault, type Reply } from '../../../shared/model/fault'
import { hostDispatch, type HostParts } from './hostHandlers'
import { isOwnFrame } from './sender'
import { type AppWindow } from './window'

/** Binds the bridge's channels. Whoever is not the top frame of one of our own windows gets a fault, and nothing is done. */
export function setupIpc(parts: HostParts): void {
  const { windows, sessions, home, log } = parts

  function senderOf(event: IpcMainEvent | IpcMainInvokeEvent): AppWindow | null {
    const window = windows.of(event.sender)
    if (window !== undefined && isOwnFrame(event.senderFrame, home)) return window
    log.error('refused a message from a page that is not ours', { contents: event.sender.id })
    return null
  }

  ipcMain.handle(channels.call, async (event, name: unknown, input: unknown): Promise<Reply<unknown>> => {
    const window = senderOf(event)
    if (window === null) return refusal()
    // Names and inputs are parsed by the service, which is where they are used; here only what it takes to hand them on.
    if (typeof name !== 'string')
      return { ok: false, fault: fault('SB_INPUT', `There is no command ${typeof name}.`) }
    if (name === 'session.cancelOpening' && sessions.cancel(input)) return { ok: true, value: null }
    return window.service.call(name, input)
  })

  ipcMain.handle(channels.host, async (event, name: unknown, input: unknown): Promise<Reply<unknown>> => {
    const window = senderOf(event)
    return window === null ? refusal() : hostDispatch(name, input, window, parts)
  })

  ipcMain.handle(channels.dropped, async (event, file: unknown): Promise<Reply<null>> => {
    const window = senderOf(event)
    if (window === null) return refusal()
    if (typeof file !== 'string' || !path.isAbsolute(file)) return notAFile()
    await sessions.open(file, window)
    return { ok: true, value: null }
  })

  ipcMain.on(channels.eventsTaken, (event, page: unknown) => {
    if (typeof page === 'string' && page.length <= 64) senderOf(event)?.link.taken(page)
  })
}

function notAFile(): Reply<never> {
  return { ok: false, fault: fault('SB_INPUT', 'What was dropped is no file.') }
}

function refusal(): Reply<never> {
  return { ok: false, fault: fault('SB_INPUT', 'Only the page of a Switchboard window may give commands.') }
}

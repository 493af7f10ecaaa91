import { mkdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { app, clipboard, dialog, shell } from 'electron'
import {
  hostCommands,
  isHostCommandName,
  type HostCommandInput,
  type HostCommandName,
  type HostCommandOutput,
} from '../../../shared/contract/hostCommands'
import { exportEndings } from '../../../shared/model/export'
import { diskFault } from '../../capture/diskFault'
import { fault, type Reply } from '../../../shared/model/fault'
import { type Log } from './log'
import { type RecentFiles } from './recent'
import { type Recovery } from './recovery'
import { type Sessions } from './sessions'
import { type Settings } from './settings'
import { applyTheme } from './theme'
import { type AppWindow } from './window'
import { type Windows } from './windows'

export interface HostParts {
  readonly windows: Windows
  readonly sessions: Sessions
  readonly recent: RecentFiles
  readonly recovery: Recovery
  readonly settings: Settings
  readonly home: URL
  readonly log: Log
}

type Handlers = {
  readonly [Name in HostCommandName]: (
    input: HostCommandInput<Name>,
    window: AppWindow,
    parts: HostParts,
  ) => Promise<Reply<HostCommandOutput<Name>>>
}

/** Keys of the page are kept apart from the host's own. */
export const pageKey = (key: string): string => `page.${key}`

const done = <T>(value: T): Reply<T> => ({ ok: true, value })

const handlers: Handlers = {
  'app.about': async (_input, { service }) =>
    done({
      version: app.getVersion(),
      electron: process.versions.electron,
      chrome: process.versions['chrome'] ?? '',
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      recordings: service.folder,
    }),

  'file.pick': async (_input, { browser, service }) => {
    const picked = await dialog.showOpenDialog(browser, {
      title: 'Send a file',
      buttonLabel: 'Send',
      properties: ['openFile'],
    })
    const file = picked.filePaths[0]
    if (picked.canceled || file === undefined) return done(null)
    let sizeBytes: number
    try {
      sizeBytes = (await stat(file)).size
    } catch (error) {
      return {
        ok: false,
        fault: fault('SB_INPUT', `${path.basename(file)} cannot be read: ${String(error)}`, {
          endpoint: file,
        }),
      }
    }
    const granted = await service.grantFile(file)
    return granted.ok ? done({ grant: granted.value, name: path.basename(file), sizeBytes }) : granted
  },

  'session.new': async (_input, _window, { windows }) => {
    windows.open()
    return done(null)
  },

  'session.choose': async (_input, window, { sessions }) => {
    const picked = await dialog.showOpenDialog(window.browser, {
      title: 'Open a session',
      properties: ['openFile'],
      filters: [
        { name: 'Sessions and captures', extensions: ['swb', 'pcapng', 'pcap', 'cap', 'gz'] },
        { name: 'All files', extensions: ['*'] },
      ],
    })
    const file = picked.filePaths[0]
    if (!picked.canceled && file !== undefined) await sessions.open(file, window)
    return done(null)
  },

  'session.target': async ({ suggest }, { browser, service }) => {
    const { file } = service
    const folder = file === null || service.isUntitled ? app.getPath('documents') : path.dirname(file)
    const chosen = await dialog.showSaveDialog(browser, {
      title: suggest === 'copy' ? 'Duplicate the session' : 'Save the session',
      buttonLabel: 'Save',
      defaultPath: path.join(folder, suggestedName(file, suggest)),
      filters: [{ name: 'Sessions', extensions: ['swb'] }],
      properties: ['createDirectory', 'showOverwriteConfirmation'],
    })
    if (chosen.canceled || chosen.filePath === '') return done(null)
    // GTK appends nothing by itself.
    const target = path.extname(chosen.filePath) === '' ? `${chosen.filePath}.swb` : chosen.filePath
    const granted = await service.grantTarget(target)
    return granted.ok ? done({ grant: granted.value }) : granted
  },

  'session.about': async (_input, { service }) =>
    done({ file: service.file, isUntitled: service.isUntitled }),

  'session.flushed': async (_input, { link }) => {
    link.flushed()
    return done(null)
  },

  'session.saved': async (_input, { service }, { recent }) => {
    if (service.file !== null) recent.add(service.file)
    return done(null)
  },

  'session.openCopy': async (_input, window, { sessions }) => {
    const { copy } = window.service
    if (copy !== null) await sessions.open(copy, window)
    return done(null)
  },

  'recovery.offer': async (_input, _window, { recovery }) => done(await recovery.offer()),
  'recovery.open': async ({ file }, window, { recovery, sessions }) => {
    if (!recovery.isOffered(file))
      return { ok: false, fault: fault('SB_INPUT', 'This file was not offered.') }
    await sessions.open(file, window)
    return done(null)
  },
  'recovery.discard': async ({ file }, _window, { recovery }) =>
    recovery.isOffered(file)
      ? recovery.discard(file)
      : { ok: false, fault: fault('SB_INPUT', 'This file was not offered.') },

  'recent.list': async (_input, _window, { recent }) => done(recent.list()),
  'recent.open': async ({ file }, window, { recent, sessions }) => {
    if (!recent.list().includes(file))
      return { ok: false, fault: fault('SB_INPUT', 'This file was not opened before, or is gone.') }
    await sessions.open(file, window)
    return done(null)
  },
  'recent.clear': async (_input, _window, { recent }) => {
    recent.clear()
    return done(null)
  },

  'session.pick': async (_input, { browser, service }) => {
    const picked = await dialog.showOpenDialog(browser, {
      title: 'Open a recording beside, or import a capture',
      properties: ['openFile'],
      filters: [
        { name: 'Recordings and captures', extensions: ['swb', 'pcapng', 'pcap', 'cap', 'gz'] },
        { name: 'All files', extensions: ['*'] },
      ],
    })
    const file = picked.filePaths[0]
    if (picked.canceled || file === undefined) return done(null)
    const granted = await service.grantFile(file)
    return granted.ok ? done({ grant: granted.value, name: path.basename(file) }) : granted
  },

  'experiment.pick': async (_input, { browser, service }) => {
    const picked = await dialog.showOpenDialog(browser, {
      title: 'Open an experiment',
      properties: ['openFile'],
      filters: [
        { name: 'Experiments', extensions: ['yaml', 'yml'] },
        { name: 'All files', extensions: ['*'] },
      ],
    })
    const file = picked.filePaths[0]
    if (picked.canceled || file === undefined) return done(null)
    const granted = await service.grantFile(file)
    return granted.ok ? done({ grant: granted.value, name: path.basename(file) }) : granted
  },

  'lesson.pick': async (_input, { browser, service }) => {
    const picked = await dialog.showOpenDialog(browser, {
      title: 'Open a lesson',
      properties: ['openFile'],
      filters: [
        { name: 'Lessons', extensions: ['md'] },
        { name: 'All files', extensions: ['*'] },
      ],
    })
    const file = picked.filePaths[0]
    if (picked.canceled || file === undefined) return done(null)
    const granted = await service.grantFile(file)
    return granted.ok ? done({ grant: granted.value, name: path.basename(file) }) : granted
  },

  'lesson.reveal': async (_input, { service }) => {
    const { own } = service.lessons
    try {
      await mkdir(own, { recursive: true })
    } catch (error) {
      return { ok: false, fault: diskFault(error, 'mkdir', own, 'The folder for lessons cannot be made') }
    }
    const refusal = await shell.openPath(own)
    return refusal === '' ? done(null) : { ok: false, fault: fault('SB_STATE', refusal, { endpoint: own }) }
  },

  'export.pick': async ({ name, format }, { browser, service }) => {
    const chosen = await dialog.showSaveDialog(browser, {
      title: 'Export',
      buttonLabel: 'Export',
      // A name and nothing more: where it goes is for the user to say.
      defaultPath: path.join(app.getPath('documents'), path.basename(name)),
      filters: [
        { name: format, extensions: [exportEndings[format]] },
        { name: 'All files', extensions: ['*'] },
      ],
      properties: ['createDirectory', 'showOverwriteConfirmation'],
    })
    if (chosen.canceled || chosen.filePath === '') return done(null)
    const granted = await service.grantTarget(chosen.filePath)
    return granted.ok ? done({ grant: granted.value }) : granted
  },

  'tap.open': async ({ id, from }, { link }) => link.openTap(id, from),
  'tap.close': async ({ tap }, { link }) => {
    link.closeTap(tap)
    return done(null)
  },

  'recording.reveal': async (_input, { service }) => {
    const file = await service.recording()
    if (file === null) return { ok: false, fault: fault('SB_STATE', 'There is no recording to show.') }
    shell.showItemInFolder(file)
    return done(null)
  },

  'text.save': async ({ name, text }, { browser }) => {
    const chosen = await dialog.showSaveDialog(browser, {
      title: `Save ${path.basename(name)}`,
      defaultPath: path.join(app.getPath('documents'), path.basename(name)),
      properties: ['createDirectory', 'showOverwriteConfirmation'],
    })
    if (chosen.canceled || chosen.filePath === '') return done(null)
    try {
      await writeFile(chosen.filePath, text)
    } catch (error) {
      const summary = `${path.basename(chosen.filePath)} cannot be saved`
      return { ok: false, fault: diskFault(error, 'write', chosen.filePath, summary) }
    }
    return done({ name: path.basename(chosen.filePath) })
  },

  'clipboard.write': async ({ text }) => {
    await clipboard.writeText(text)
    return done(null)
  },

  'settings.read': async ({ key }, _window, { settings }) => done(settings.read(pageKey(key))),
  'settings.write': async ({ key, json }, writer, { settings, windows }) => {
    if (!isJson(json))
      return {
        ok: false,
        fault: fault('SB_INPUT', `settings.write: the value of ${key.slice(0, 80)} is not JSON.`),
      }
    if (!settings.write(pageKey(key), json))
      return { ok: false, fault: fault('SB_INPUT', 'settings.write: there are too many keys.') }
    applyTheme(settings)
    for (const window of windows.all())
      if (window !== writer) window.link.tell([{ name: 'settings.changed', value: { key, json } }])
    return done(null)
  },
}

/** Known name, parsed input, handler. Never rejects: a defect is logged under an id that its fault tells. */
export async function hostDispatch(
  name: unknown,
  input: unknown,
  window: AppWindow,
  parts: HostParts,
): Promise<Reply<unknown>> {
  if (!isHostCommandName(name)) {
    return {
      ok: false,
      fault: fault(
        'SB_INPUT',
        `There is no host command ${typeof name === 'string' ? `"${name.slice(0, 80)}"` : typeof name}.`,
      ),
    }
  }
  try {
    const parsed = hostCommands[name].input.safeParse(input)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      const field = issue?.path.map(String).join('.').slice(0, 80) ?? ''
      return {
        ok: false,
        fault: fault(
          'SB_INPUT',
          `${name}: ${field || 'the input'}: ${(issue?.message ?? 'invalid').slice(0, 320)}.`,
        ),
      }
    }
    // The table ties each name to its own input; TypeScript cannot follow that through a name known only at run time.
    const handler = handlers[name] as (
      input: unknown,
      window: AppWindow,
      parts: HostParts,
    ) => Promise<Reply<unknown>>
    return await handler(parsed.data, window, parts)
  } catch (error) {
    const id = crypto.randomUUID().slice(0, 8)
    parts.log.error('bug', {
      id,
      command: name,
      stack: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
    return {
      ok: false,
      fault: fault('SB_BUG', `Something went wrong inside Switchboard during ${name} (${id}).`, {
        hint: `The log has the details: ${parts.log.file}`,
      }),
    }
  }
}

/** `talk.swb`; a copy of it is `talk copy.swb`. */
function suggestedName(file: string | null, suggest: 'name' | 'copy'): string {
  const name = file === null ? 'session' : path.basename(file, '.swb')
  return `${name}${suggest === 'copy' ? ' copy' : ''}.swb`
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

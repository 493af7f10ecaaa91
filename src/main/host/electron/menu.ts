import path from 'node:path'
import { app, dialog, Menu, type MenuItemConstructorOptions, type MessageBoxOptions } from 'electron'
import { drop } from '../../../shared/model/must'
import { type Log } from './log'
import { openOutside, outsidePages } from './outside'
import { type RecentFiles } from './recent'
import { type Sessions } from './sessions'
import { type Windows } from './windows'

/** Acts of the page that stand in the menu, by the id under which its palette knows them. */
type MenuAction =
  | 'address.focus'
  | 'compare.open'
  | 'demo.open'
  | 'endpoint.bind'
  | 'endpoint.dial'
  | 'endpoint.listen'
  | 'experiment.open'
  | 'export.open'
  | 'lesson.gallery'
  | 'palette.open'
  | 'reference.open'
  | 'replay.open'
  | 'pane.close'
  | 'pane.reopen'
  | 'session.choose'
  | 'session.duplicate'
  | 'session.new'
  | 'session.open'
  | 'session.save'
  | 'session.saveAs'
  | 'theme.system'
  | 'theme.toggle'

export interface MenuParts {
  readonly windows: Windows
  readonly sessions: Sessions
  readonly recent: RecentFiles
  readonly log: Log
}

/** The application menu, which changes with the files that were opened. What belongs to the page is sent to it by the act's id; the rest is Electron's own. */
export function setupMenu(parts: MenuParts): void {
  const build = (): void => Menu.setApplicationMenu(Menu.buildFromTemplate(template(parts)))
  parts.recent.onChanged(build)
  build()
}

function template({ windows, sessions, recent, log }: MenuParts): MenuItemConstructorOptions[] {
  const act = (label: string, action: MenuAction, accelerator?: string): MenuItemConstructorOptions => ({
    id: action,
    label,
    click: () => windows.current?.link.act(action),
    // Shown, but not taken: the page has these keys itself. (macOS always takes them, and then the page does not see them.)
    ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: false }),
  })
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  const isMac = process.platform === 'darwin'

  function recentItems(): MenuItemConstructorOptions[] {
    const files = recent.list()
    if (files.length === 0) return [{ label: 'Nothing yet', enabled: false }]
    const open = (file: string): void => {
      const window = windows.focus()
      drop(sessions.open(file, window))
    }
    return [
      ...files.map((file) => ({ label: path.basename(file), sublabel: file, click: () => open(file) })),
      separator,
      { label: '&Clear', click: () => recent.clear() },
    ]
  }

  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        act('&Address', 'address.focus', 'CmdOrCtrl+L'),
        act('&Listen', 'endpoint.listen'),
        act('&Dial', 'endpoint.dial'),
        act('&Bind (UDP)', 'endpoint.bind'),
        separator,
        act('&New session', 'session.new', 'CmdOrCtrl+N'),
        act('&Open session…', 'session.choose', 'CmdOrCtrl+O'),
        { label: 'Open &recent', submenu: recentItems() },
        act('Open b&eside…', 'session.open', 'CmdOrCtrl+Alt+O'),
        act('&Save session', 'session.save', 'CmdOrCtrl+S'),
        act('Save session &as…', 'session.saveAs', 'CmdOrCtrl+Shift+S'),
        act('D&uplicate session…', 'session.duplicate'),
        separator,
        act('Open an e&xperiment…', 'experiment.open', 'CmdOrCtrl+Shift+O'),
        act('Rep&lay…', 'replay.open', 'CmdOrCtrl+Shift+P'),
        act('&Phone call', 'demo.open'),
        separator,
        act('&Export…', 'export.open', 'CmdOrCtrl+E'),
        separator,
        act('&Close pane', 'pane.close', 'CmdOrCtrl+W'),
        act('Bring back the pane put away last', 'pane.reopen', 'CmdOrCtrl+Shift+T'),
        ...(isMac ? [] : [separator, { role: 'quit' } as const]),
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        act('&Commands', 'palette.open', 'CmdOrCtrl+K'),
        act('Co&mpare…', 'compare.open'),
        act('&Dark or light', 'theme.toggle', 'CmdOrCtrl+Shift+L'),
        act('As the &system has it', 'theme.system'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(app.isPackaged
          ? []
          : [separator, { role: 'reload' } as const, { role: 'toggleDevTools' } as const]),
      ],
    },
    {
      role: 'help',
      submenu: [
        act('&Lessons', 'lesson.gallery', 'F2'),
        act('&Reference', 'reference.open'),
        separator,
        ...Object.entries(outsidePages).map(([label, url]) => ({
          label,
          click: () => void openOutside(url, log),
        })),
        separator,
        { label: '&About Switchboard', click: () => void showAbout(windows) },
      ],
    },
  ]
}

async function showAbout(windows: Windows): Promise<void> {
  const { electron, chrome, node } = process.versions
  const box: MessageBoxOptions = {
    type: 'info',
    title: 'About',
    message: `Switchboard ${app.getVersion()}`,
    detail: `Electron ${electron}\nChrome ${chrome ?? '-'}\nNode ${node}\n${process.platform} ${process.arch}`,
    buttons: ['Close'],
  }
  const window = windows.current?.browser
  await (window === undefined ? dialog.showMessageBox(box) : dialog.showMessageBox(window, box))
}

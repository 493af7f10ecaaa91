import path from 'node:path'
import { app, session } from 'electron'
import { drop } from '../../../shared/model/must'
import { shippedLessons } from '../../lesson/shipped'
import { commandLineIn, filesIn, runCommandLine, userWords } from './commandLine'
import { endFailedStart, setupDefectReports, setupPageRecovery, setupServiceRecovery } from './crashes'
import { setupGuards } from './guards'
import { setupSingleInstance } from './instance'
import { setupIpc } from './ipc'
import { openLog } from './log'
import { setupMenu } from './menu'
import { setupNoNetwork, setupPermissions } from './permissions'
import { homeUrl, registerScheme, setupScheme } from './scheme'
import { RecentFiles } from './recent'
import { Recovery } from './recovery'
import { Sessions } from './sessions'
import { type ServiceHostOptions } from './serviceHost'
import { openSettings } from './settings'
import { setupShutdown } from './shutdown'
import { applyTheme } from './theme'
import { Windows } from './windows'

const words = userWords(process.argv, app.isPackaged ? null : app.getAppPath(), (word) => path.resolve(word))
const commandLine = commandLineIn(words)

// Awaited here, before Electron says `ready`: the command line needs no screen.
if (commandLine !== null) app.exit(await runCommandLine(commandLine))
else startDesktop()

function startDesktop(): void {
  let windows: Windows | null = null
  let sessions: Sessions | null = null
  const named = filesIn(words).map((file) => path.resolve(file))
  const isFirst = setupSingleInstance(named, (theirs) => {
    const window = windows?.focus()
    if (window !== undefined && sessions !== null) drop(sessions.openAll(filesIn(theirs), window))
  })
  if (!isFirst) {
    app.exit(0)
    return
  }
  // macOS names files this way, also before the program is ready.
  const early: string[] = []
  app.on('open-file', (event, file) => {
    event.preventDefault()
    const window = windows?.focus()
    if (window === undefined || sessions === null) early.push(file)
    else drop(sessions.open(file, window))
  })
  const userData = app.getPath('userData')
  const log = openLog(path.join(userData, 'logs'))
  log.info('starting', {
    version: app.getVersion(),
    electron: process.versions.electron,
    platform: process.platform,
  })
  setupDefectReports(log, () => windows)
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  registerScheme()
  setupGuards(log)

  const service: ServiceHostOptions = {
    entry: new URL('worker.js', import.meta.url),
    folder: path.resolve(app.commandLine.getSwitchValue('recordings') || path.join(userData, 'recordings')),
    application: `Switchboard ${app.getVersion()}`,
    lessons: {
      shipped: shippedLessons(import.meta.url),
      own: path.join(userData, 'lessons'),
    },
    log,
  }
  const settingsOpened = openSettings(path.join(userData, 'settings.json'), log)

  async function open(): Promise<void> {
    await app.whenReady()
    const settings = await settingsOpened
    const home = homeUrl()
    setupScheme(session.defaultSession, home, log)
    setupPermissions(session.defaultSession)
    setupNoNetwork(session.defaultSession, home)
    applyTheme(settings)
    const recent = new RecentFiles(settings)
    windows = new Windows({
      ...{ home, service, settings, log },
      onOpened: (window) => setupServiceRecovery(window, log),
    })
    sessions = new Sessions({ service, windows, recent })
    const recovery = new Recovery(service.folder, recent)
    setupIpc({ windows, sessions, recent, recovery, settings, home, log })
    setupMenu({ windows, sessions, recent, log })
    setupShutdown({ windows, settings, log })
    setupPageRecovery(windows, log)
    const window = windows.open()
    drop(sessions.openAll([...named, ...early.splice(0)], window))
  }
  open().catch((error: unknown) => endFailedStart(error, log))
}

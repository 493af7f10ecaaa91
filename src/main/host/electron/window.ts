import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { BrowserWindow, nativeTheme, screen } from 'electron'
import icon from './icon.png?asset'
import { DEFAULT_SIZE, isOnScreen, MIN_SIZE, parseBounds, type RememberedBounds } from './bounds'
import { type Log } from './log'
import { PageLink } from './pageLink'
import { type ServiceHost } from './serviceHost'
import { type Settings } from './settings'

const preload = fileURLToPath(new URL('../preload/index.cjs', import.meta.url))
const BOUNDS_KEY = 'host.bounds'
/** A window that is dragged tells its place many times a second. */
const BOUNDS_DELAY_MS = 500

export interface WindowParts {
  readonly home: URL
  readonly service: ServiceHost
  readonly settings: Settings
  readonly log: Log
  /** A window that is there already: the new one goes a little lower and to the right of it. */
  readonly beside: BrowserWindow | null
}

export interface AppWindow {
  readonly browser: BrowserWindow
  readonly link: PageLink
  /** The session that it shows. */
  readonly service: ServiceHost
  /** Saves where the window is, now. */
  remember(): void
}

/** The colour of an empty window: what one sees until the page has drawn, which must not flash (`--ground` of the page). */
export function backgroundColour(): string {
  return nativeTheme.shouldUseDarkColors ? '#101215' : '#eceef1'
}

/** Opens a window on the page, where the last one was: at once, in the page's colour, and drawn as soon as the page is there. */
export function openWindow({ home, service, settings, log, beside }: WindowParts): AppWindow {
  const remembered = beside === null ? rememberedBounds(settings) : boundsBeside(beside)
  const browser = new BrowserWindow({
    ...(remembered ?? DEFAULT_SIZE),
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    title: 'Switchboard',
    icon,
    // The palette has every command; a menu bar that follows no theme need not be in sight. Alt shows it.
    autoHideMenuBar: true,
    backgroundColor: backgroundColour(),
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
      // A window that is covered goes on showing what happens: experiments are watched from the corner of the eye.
      backgroundThrottling: false,
    },
  })
  if (remembered?.isMaximized === true) browser.maximize()
  browser.webContents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
  const recolour = (): void => browser.setBackgroundColor(backgroundColour())
  nativeTheme.on('updated', recolour)
  browser.on('closed', () => nativeTheme.off('updated', recolour))
  const remember = rememberBounds(browser, settings)
  browser.on('page-title-updated', (event) => event.preventDefault())
  service.onFile((file) => {
    if (!browser.isDestroyed()) browser.setTitle(titleOf(file, service.isUntitled))
  })

  const link = new PageLink(browser.webContents, service)
  // The one address for which Chromium asks nobody: it shows it at once. The bridge refuses that page; the window goes back home.
  browser.webContents.on('did-navigate', (_event, url) => {
    if (url.startsWith('about:')) goHome(browser, home, log)
  })
  browser.webContents.on('destroyed', () => link.pageGone())
  browser.on('unresponsive', () => log.error('the window does not respond'))
  browser.on('responsive', () => log.info('the window responds again'))
  goHome(browser, home, log)
  return { browser, link, service, remember }
}

/** `talk – Switchboard`; of a session that nobody has named, when it began. */
function titleOf(file: string, isUntitled: boolean): string {
  const name = path.basename(file, '.swb')
  return `${isUntitled ? `Untitled (${name.replace('T', ' ')})` : name} – Switchboard`
}

function goHome(browser: BrowserWindow, home: URL, log: Log): void {
  browser
    .loadURL(home.href)
    .catch((error: unknown) => log.error('the page could not be loaded', { error: String(error) }))
}

const STEP_PX = 28

function boundsBeside(beside: BrowserWindow): RememberedBounds {
  const { x, y, width, height } = beside.getNormalBounds()
  return { x: x + STEP_PX, y: y + STEP_PX, width, height, isMaximized: false }
}

function rememberedBounds(settings: Settings): RememberedBounds | null {
  const bounds = parseBounds(settings.read(BOUNDS_KEY))
  const screens = screen.getAllDisplays().map((display) => display.workArea)
  return bounds !== null && isOnScreen(bounds, screens) ? bounds : null
}

function rememberBounds(browser: BrowserWindow, settings: Settings): () => void {
  let timer: NodeJS.Timeout | null = null
  const save = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const bounds: RememberedBounds = { ...browser.getNormalBounds(), isMaximized: browser.isMaximized() }
    settings.write(BOUNDS_KEY, JSON.stringify(bounds))
  }
  const saveSoon = (): void => {
    timer ??= setTimeout(save, BOUNDS_DELAY_MS)
  }
  browser.on('resize', saveSoon)
  browser.on('move', saveSoon)
  browser.on('close', save)
  return save
}

import { type Session } from 'electron'

/** The page draws and asks main; it needs no device, no notification, no download and no network. */
export function setupPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.setUSBProtectedClassesHandler(({ protectedClasses }) => [...protectedClasses])
  session.on('select-usb-device', (event) => event.preventDefault())
  session.on('select-hid-device', (event) => event.preventDefault())
  session.on('select-serial-port', (event) => event.preventDefault())
  session.on('will-download', (event) => event.preventDefault())
  // Its dictionaries would be downloaded, and what is typed here is bytes.
  session.setSpellCheckerEnabled(false)
}

/** Experiments run on main's sockets. Chromium itself speaks to nobody: a second wall behind the page's policy. */
export function setupNoNetwork(session: Session, home: URL): void {
  session.webRequest.onBeforeRequest(
    { urls: ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'ftp://*/*'] },
    (details, answer) => {
      const isHome = home.protocol === 'http:' && new URL(details.url).host === home.host
      answer({ cancel: !isHome })
    },
  )
}

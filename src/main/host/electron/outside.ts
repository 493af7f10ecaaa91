import { shell } from 'electron'
import { type Log } from './log'

/** The only pages that the app ever opens in the user's browser. Whole addresses: nothing can be appended to one. */
export const outsidePages = {
  'tcp(7): sockets that carry a stream': 'https://man7.org/linux/man-pages/man7/tcp.7.html',
  'udp(7): sockets that carry datagrams': 'https://man7.org/linux/man-pages/man7/udp.7.html',
  'unix(7): sockets within one machine': 'https://man7.org/linux/man-pages/man7/unix.7.html',
  'socket(7): options that all sockets have': 'https://man7.org/linux/man-pages/man7/socket.7.html',
  'Wireshark: reading a recording': 'https://www.wireshark.org/docs/wsug_html_chunked/',
} as const

const openable: ReadonlySet<string> = new Set(Object.values(outsidePages))

/** Whether a page stands in the committed list. */
export function isOpenable(url: string): boolean {
  return openable.has(url)
}

/** Opens a page of the list in the user's browser; anything else is refused and logged. */
export async function openOutside(url: string, log: Log): Promise<void> {
  if (!isOpenable(url)) {
    log.error('refused to open a page outside', { url: url.slice(0, 200) })
    return
  }
  try {
    await shell.openExternal(url)
  } catch (error) {
    log.error('no browser took the page', { url, error: String(error) })
  }
}

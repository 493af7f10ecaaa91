import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, protocol, type Session } from 'electron'
import { securityHeaders } from './contentSecurity'
import { listPageFiles, pageFileFor } from './pageFiles'
import { type Log } from './log'

const SCHEME = 'app'
const NONCE_PLACE = '__NONCE__'
const page = fileURLToPath(new URL('../renderer', import.meta.url))

/** Where the page lives. In a development run with live sources, at the development server; a package knows only its own. */
export function homeUrl(): URL {
  const server = process.env['ELECTRON_RENDERER_URL']
  if (!app.isPackaged && server !== undefined && isLoopbackHttp(server)) return new URL(server)
  return new URL(`${SCHEME}://switchboard/`)
}

function isLoopbackHttp(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol: scheme, hostname } = new URL(url)
  return scheme === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

/** Must run before `ready`. `standard` gives the page an origin, `secure` the APIs of one. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

/** Serves the built page, and nothing else, as `app://switchboard/…`. Not where the page comes from a development server. */
export function setupScheme(session: Session, home: URL, log: Log): void {
  if (home.protocol !== `${SCHEME}:`) return
  const files = listPageFiles(page)
  session.protocol.handle(SCHEME, async (request) => {
    const nonce = randomBytes(16).toString('base64')
    const headers = securityHeaders(nonce)
    const found = request.method === 'GET' ? pageFileFor(files, request.url, home) : null
    if (found === null) return new Response('Not found', { status: 404, headers })
    try {
      const bytes = await readFile(found.file)
      const isHtml = path.extname(found.file) === '.html'
      const body = isHtml ? bytes.toString('utf8').replaceAll(NONCE_PLACE, nonce) : bytes
      return new Response(body, { headers: { ...headers, 'Content-Type': found.contentType } })
    } catch (error) {
      log.error('a file of the page could not be read', {
        path: new URL(request.url).pathname,
        error: String(error),
      })
      return new Response('Could not be read', { status: 500, headers })
    }
  })
}

import { readdirSync } from 'node:fs'
import path from 'node:path'

export interface PageFile {
  readonly file: string
  readonly contentType: string
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

/**
 * All files that the page may load, by their URL path. The folder is listed once and asked never again: a path that is
 * not in the list is not found, so no spelling of `..` can lead out of it. Types that a page has no use for (source maps) are left out.
 */
export function listPageFiles(folder: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>()
  const visit = (at: string, prefix: string): void => {
    // Not the `recursive` option: inside an asar archive Electron's readdir does not know it.
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const file = path.join(at, entry.name)
      if (entry.isDirectory()) visit(file, `${prefix}${entry.name}/`)
      const contentType = contentTypes[path.extname(entry.name)]
      if (entry.isFile() && contentType !== undefined) files.set(prefix + entry.name, { file, contentType })
    }
  }
  visit(folder, '/')
  return files
}

/** The file that a URL of the page's origin names; null for any other origin, method of spelling, or file. */
export function pageFileFor(files: ReadonlyMap<string, PageFile>, url: string, home: URL): PageFile | null {
  if (!URL.canParse(url)) return null
  const { protocol, host, pathname } = new URL(url)
  if (protocol !== home.protocol || host !== home.host) return null
  return files.get(pathname === '/' ? '/index.html' : pathname) ?? null
}

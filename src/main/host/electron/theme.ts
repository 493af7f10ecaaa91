import { nativeTheme } from 'electron'
import { z } from 'zod'
import { type Settings } from './settings'

/** Where the page keeps what it remembers; of that, only the theme concerns the host: menus, dialogs and the empty window follow it. */
const THEME_KEY = 'page.window'
const remembered = z.object({ theme: z.enum(['system', 'dark', 'light']) })

/** The theme that the user chose in the page; the system's where nothing was chosen. */
export function themeIn(json: string | null): 'system' | 'dark' | 'light' {
  if (json === null) return 'system'
  try {
    const result = remembered.safeParse(JSON.parse(json))
    return result.success ? result.data.theme : 'system'
  } catch {
    return 'system'
  }
}

export function applyTheme(settings: Settings): void {
  const theme = themeIn(settings.read(THEME_KEY))
  if (nativeTheme.themeSource !== theme) nativeTheme.themeSource = theme
}

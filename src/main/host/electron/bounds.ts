import { z } from 'zod'

export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const coordinate = z.number().int().min(-100_000).max(100_000)
const remembered = z.strictObject({
  x: coordinate,
  y: coordinate,
  width: coordinate.min(1),
  height: coordinate.min(1),
  isMaximized: z.boolean(),
})
export type RememberedBounds = z.infer<typeof remembered>

export const DEFAULT_SIZE = { width: 1280, height: 800 } as const
export const MIN_SIZE = { width: 720, height: 480 } as const

/** So much of the window must lie on a screen that one can take hold of it. */
const MIN_VISIBLE = 100

/** What was remembered, if it still makes sense. */
export function parseBounds(json: string | null): RememberedBounds | null {
  if (json === null) return null
  try {
    const result = remembered.safeParse(JSON.parse(json))
    return result.success ? result.data : null
  } catch {
    return null
  }
}

/** Whether a window there could be seen on one of the screens that there are now. */
export function isOnScreen(bounds: Rectangle, screens: readonly Rectangle[]): boolean {
  return screens.some((screen) => {
    const width = Math.min(bounds.x + bounds.width, screen.x + screen.width) - Math.max(bounds.x, screen.x)
    const height = Math.min(bounds.y + bounds.height, screen.y + screen.height) - Math.max(bounds.y, screen.y)
    // The title bar is at the top: it must not lie above the screen.
    return width >= MIN_VISIBLE && height >= MIN_VISIBLE && bounds.y >= screen.y - 1
  })
}

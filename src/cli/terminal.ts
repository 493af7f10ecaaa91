import { type Readable } from 'node:stream'
import { styleText } from 'node:util'
import { type Output } from './output'

type Style = 'dim' | 'cyan' | 'green' | 'red'

/** What a command has to do with the one who started it. */
export interface Terminal {
  readonly stdin: Readable
  readonly stdout: Output
  readonly stderr: Output
  /** What was to be kept, or is needed, could not be written, and that was told: whatever else comes of it, the command ends with 2. */
  readonly lost: () => void
  /** Aborted by Ctrl-C, SIGTERM or a closed terminal. */
  readonly interrupt: AbortSignal
  /** Colours, where stdout is a terminal that shows them. */
  readonly paint: (style: Style, text: string) => string
}

/** @param hasColours false leaves all text as it is */
export function painter(hasColours: boolean): Terminal['paint'] {
  return hasColours ? (style, text) => styleText(style, text) : (_style, text) => text
}

/** Resolves when the user asked to stop. */
export function interrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

import { shallowRef, watch, type ShallowRef } from 'vue'
import { call } from '../bridge/bridge'
import { useExperimentStore } from '../stores/experiment'

export interface ShownPicture {
  /** `data:`, which the page's policy allows for images, and for them alone. */
  readonly url: string
  /** Drawn in the colour of the text. */
  readonly isOneColour: boolean
}

/** A picture of the open lesson by its name. Null until it is there; broken where it cannot be shown. */
export function useLessonPicture(name: () => string): {
  readonly picture: Readonly<ShallowRef<ShownPicture | null>>
  readonly isBroken: Readonly<ShallowRef<boolean>>
  readonly broke: () => void
} {
  const run = useExperimentStore()
  const picture = shallowRef<ShownPicture | null>(null)
  const isBroken = shallowRef(false)
  let latest = 0

  watch(
    [name, () => run.shown?.experiment],
    async ([asked, experiment]) => {
      const ticket = ++latest
      if (experiment === undefined) return
      const reply = await call('lesson.picture', { experiment, name: asked })
      if (ticket !== latest) return
      isBroken.value = !reply.ok
      if (!reply.ok) return
      const { type, bytes } = reply.value
      const isOneColour = type === 'image/svg+xml' && isOfOneColour(new TextDecoder().decode(bytes))
      picture.value = { url: dataUrl(type, bytes), isOneColour }
    },
    { immediate: true },
  )
  return { picture, isBroken, broke: () => void (isBroken.value = true) }
}

/** Nothing in it has a colour of its own. */
function isOfOneColour(svg: string): boolean {
  const colours = [...svg.matchAll(/\b(?:stroke|fill|stop-color|color)\s*[=:]\s*["']?\s*([#\w(]+)/g)]
  return colours.length > 0 && colours.every(([, colour]) => colour === 'none' || colour === 'currentColor')
}

const PIECE = 8192
function dataUrl(type: string, bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += PIECE)
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE))
  return `data:${type};base64,${btoa(text)}`
}

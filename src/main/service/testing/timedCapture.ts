import { openCapture } from '../../capture/capture'
import { type Capture } from '../../capture/types'
import { type Direction, type SocketEvent } from '../../../shared/model/record'
import { type ConnectionId } from '../../../shared/model/ids'

/** One thing recorded of a socket at a moment. */
export interface Happening {
  readonly id: ConnectionId
  readonly atNanos: number
  readonly direction: Direction
  /** None for a state change. */
  readonly lengthBytes: number
}

/** Things at moments that a test chose; several at once are allowed, also of one socket. */
export interface Chosen {
  readonly socket: number
  readonly afterNanos: number
  readonly isOut: boolean
  readonly lengthBytes: number
}

export function happeningsOf(chosen: readonly Chosen[]): readonly Happening[] {
  let atNanos = 1000
  return chosen.map(({ socket, afterNanos, isOut, lengthBytes }) => {
    atNanos += afterNanos
    return { id: `C${socket + 1}`, atNanos, direction: isOut ? 'out' : 'in', lengthBytes }
  })
}

const noted: SocketEvent = { what: 'noted', text: 'something' }

/** A recording in which everything has the time that the test says. */
export async function recordTimed(file: string, happenings: readonly Happening[]): Promise<Capture> {
  let now = 0
  const clock = { epochNanos: 1_700_000_000_000_000_000n, nanos: () => now }
  const opened = await openCapture({ file, application: 'test', clock })
  if (!opened.ok) throw new Error(opened.fault.summary)
  const capture = opened.value
  const tracks = new Map<string, ReturnType<Capture['track']>>()
  for (const { id, atNanos, direction, lengthBytes } of happenings) {
    now = atNanos
    let track = tracks.get(id)
    if (track === undefined) {
      track = capture.track(id, 'unix', id)
      tracks.set(id, track)
    }
    if (lengthBytes <= 0) track.event(noted)
    else track.chunk(direction, new Uint8Array(lengthBytes))
    // Memory for what waits is bounded: as the engine does, it waits for the disk.
    if (!capture.hasRoom) await capture.flush()
  }
  return capture
}

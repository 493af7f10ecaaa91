import { MAX_FRAMES_A_READ } from '../../../shared/contract/limits'
import { packFrames } from '../../../shared/contract/packedFrames'
import { type Area } from './area'

export const framesHandlers: Area<'frames'> = {
  'frames.begin': ({ id, framing }, { framings }) => framings.begin(id, framing),
  async 'frames.read'({ frames, from, to }, { framings }) {
    const read = await framings.read(frames, from, Math.min(to, from + MAX_FRAMES_A_READ))
    if (!read.ok) return read
    return { ok: true, value: { frames: packFrames(read.value.frames), count: read.value.count } }
  },
  async 'frames.end'({ frames }, { framings }) {
    await framings.end(frames)
    return { ok: true, value: null }
  },
}

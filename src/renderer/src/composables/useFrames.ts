import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { MAX_FRAMES_A_READ } from '@shared/contract/limits'
import { unpackFrames } from '@shared/contract/packedFrames'
import type { Fault } from '@shared/model/fault'
import type { Frame, FramesStatus } from '@shared/model/frame'
import type { Framing } from '@shared/model/framing'
import type { SocketId } from '@shared/model/ids'
import { call } from '../bridge/bridge'
import { useFramesStore } from '../stores/frames'

/** Frames kept around those in sight, so that a small movement needs no new pull. */
const MARGIN_FRAMES = 64
const MAX_KEPT = 1024

export interface FramesInSight {
  readonly status: ComputedRef<FramesStatus | null>
  /** Complete frames, and what is unfinished after them. */
  readonly total: ComputedRef<number>
  /** Goes up whenever frames came in: read it to depend on `frameAt`. */
  readonly version: Readonly<ShallowRef<number>>
  readonly fault: Readonly<ShallowRef<Fault | null>>
  frameAt(number: number): Frame | undefined
  /** Says what is in sight: frames `first` to `first + count` (exclusive). What is missing is pulled. */
  want(first: number, count: number): void
}

/** The frames in sight of one socket's record, cut anew whenever the framing changes. Holds some hundred, however many there are. */
export function useFrames(id: SocketId, framing: Readonly<Ref<Framing>>): FramesInSight {
  const store = useFramesStore()
  const cache = new Map<number, Frame>()
  const number = shallowRef<number | null>(null)
  const version = shallowRef(0)
  const fault = shallowRef<Fault | null>(null)
  const status = computed(() => (number.value === null ? null : (store.all.get(number.value) ?? null)))
  const total = computed(() => (status.value === null ? 0 : status.value.count + status.value.unfinished))
  let wanted = { first: 0, end: 0 }
  let isPulling = false
  /** The last pull that brought nothing new: not asked again before something changes. */
  let short: string | null = null
  /** Goes up with each new framing: answers for an older one are dropped. */
  let era = 0

  function end(): void {
    era++
    isPulling = false
    short = null
    cache.clear()
    fault.value = null
    const frames = number.value
    number.value = null
    if (frames === null) return
    store.forget(frames)
    // Once more when it has ended: a last word of progress may come in between.
    void call('frames.end', { frames }).then(() => store.forget(frames))
  }

  async function begin(asked: Framing): Promise<void> {
    const mine = era
    const reply = await call('frames.begin', { id, framing: asked })
    if (mine !== era) {
      if (reply.ok) void call('frames.end', { frames: reply.value.frames })
      return
    }
    if (reply.ok) number.value = reply.value.frames
    else fault.value = reply.fault
  }

  watch(
    framing,
    (asked) => {
      end()
      version.value++
      void begin(asked)
    },
    { immediate: true },
  )

  function missing(): { from: number; to: number } | null {
    const last = Math.min(wanted.end, total.value)
    let from = wanted.first
    while (from < last && cache.has(from)) from++
    if (from >= last) return null
    return {
      from: from === wanted.first ? Math.max(0, from - MARGIN_FRAMES / 2) : from,
      to: Math.min(last + MARGIN_FRAMES / 2, total.value, from + MAX_FRAMES_A_READ / 2),
    }
  }

  async function pull(): Promise<void> {
    const frames = number.value
    const range = missing()
    if (isPulling || frames === null || range === null) return
    const key = `${range.from}-${range.to}-${status.value?.scannedBytes}`
    if (key === short) return
    isPulling = true
    const mine = era
    const reply = await call('frames.read', { frames, ...range })
    if (mine !== era) return
    isPulling = false
    if (reply.ok) {
      fault.value = null
      const found = unpackFrames(reply.value.frames)
      // Long frames come a few at a time: as long as there are new ones it is asked on.
      short = found.some((frame) => !cache.has(frame.number)) ? null : key
      for (const frame of found) cache.set(frame.number, frame)
      trim()
      version.value++
    } else {
      short = key
      fault.value = reply.fault
    }
    void pull()
  }

  function trim(): void {
    if (cache.size <= MAX_KEPT) return
    for (const at of cache.keys())
      if (at < wanted.first - MARGIN_FRAMES || at >= wanted.end + MARGIN_FRAMES) cache.delete(at)
  }

  watch(status, (now, before) => {
    if (now === null) return
    if (now.fault !== undefined) fault.value = now.fault
    if (now.scannedBytes === before?.scannedBytes && now.count === before.count) return
    // What was unfinished has grown, or is a frame by now.
    for (const [at, frame] of cache) if (!frame.isComplete) cache.delete(at)
    void pull()
  })

  onScopeDispose(end)

  return {
    status,
    total,
    version,
    fault,
    frameAt: (at) => cache.get(at),
    want(first, count) {
      wanted = { first, end: first + count }
      void pull()
    },
  }
}

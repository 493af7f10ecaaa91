import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { MAX_ROWS_A_READ } from '@shared/contract/limits'
import { unpackRows } from '@shared/contract/packedRows'
import type { TapMessage } from '@shared/contract/tap'
import type { Fault } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import type { Row } from '@shared/model/record'
import { call } from '../bridge/bridge'
import { openTap, type TapHandle } from '../bridge/taps'

/** Rows kept around those in sight, so that a small movement needs no new pull. */
const MARGIN_ROWS = 64
/** While the end is followed, at most this many of its rows are kept. */
const TAIL_ROWS = 256

/**
 * Lines that change faster nobody reads, and the page has other things to do: after each draw it rests, the longer the more rows
 * that draw brought. What comes after a pause is shown at once.
 */
const REST_MS = { aRow: 8, least: 50, most: 200 } as const

export interface RowsInSight {
  /** Rows that the record has, as far as is known. */
  readonly total: Readonly<ShallowRef<number>>
  /** Goes up whenever rows came in: read it to depend on `rowAt`. */
  readonly version: Readonly<ShallowRef<number>>
  readonly fault: Readonly<ShallowRef<Fault | null>>
  rowAt(row: number): Row | undefined
  /** Says what is in sight: rows `first` to `first + count` (exclusive). What is missing is pulled. */
  want(first: number, count: number): void
}

/**
 * The rows in sight of one socket's record: pulled by range, and while `follow` is set brought by a tap.
 * Holds a few hundred rows, however long the record is.
 * @param known rows that the counters tell of; they go on while nothing is followed
 */
export function useRows(
  id: SocketId,
  known: Readonly<Ref<number>>,
  follow: Readonly<Ref<boolean>>,
): RowsInSight {
  const cache = new Map<number, Row>()
  const total = shallowRef(known.value)
  const version = shallowRef(0)
  const fault = shallowRef<Fault | null>(null)
  let wanted = { first: 0, end: 0 }
  let isPulling = false
  /** The range and total of the last pull that brought less than asked: not asked again before something changes. */
  let short: string | null = null
  let isDisposed = false

  function put(rows: readonly Row[]): void {
    for (const row of rows) cache.set(row.row, row)
    trim()
    version.value++
  }

  function trim(): void {
    const from =
      Math.min(wanted.first, Math.max(0, total.value - (follow.value ? TAIL_ROWS : 0))) - MARGIN_ROWS
    const end = follow.value ? Infinity : wanted.end + MARGIN_ROWS
    if (cache.size <= TAIL_ROWS + 2 * MARGIN_ROWS) return
    for (const row of cache.keys()) if (row < from || row >= end) cache.delete(row)
    // Following a flood, what is in sight lags a frame behind: the oldest go first.
    for (const row of cache.keys()) {
      if (cache.size <= 4 * TAIL_ROWS) break
      cache.delete(row)
    }
  }

  function missing(): { from: number; to: number } | null {
    const end = Math.min(wanted.end, total.value)
    let from = wanted.first
    while (from < end && cache.has(from)) from++
    if (from >= end) return null
    return {
      from: Math.max(0, from - MARGIN_ROWS / 2),
      to: Math.min(end + MARGIN_ROWS / 2, total.value, from + MAX_ROWS_A_READ / 2),
    }
  }

  async function pull(): Promise<void> {
    if (isPulling || isDisposed) return
    const range = missing()
    if (range === null) return
    const key = `${range.from}-${range.to}-${total.value}`
    if (key === short) return
    isPulling = true
    const reply = await call('capture.read', { id, ...range })
    isPulling = false
    // `isDisposed` may have changed while waiting, whatever the flow analysis says.
    if (isDisposed as boolean) return
    if (reply.ok) {
      fault.value = null
      const rows = unpackRows(reply.value.rows)
      short = rows.length < range.to - range.from ? key : null
      // What the tap has not brought yet it will: shown before, it would be empty lines, and pulled twice.
      if (!isTapped) grow(reply.value.size.rows)
      put(rows)
    } else {
      short = key
      fault.value = reply.fault
    }
    // What is in sight may have moved meanwhile: only what is wanted now is asked for, what lay between never.
    void pull()
  }

  function grow(rows: number): void {
    if (rows > total.value) total.value = rows
  }

  function want(first: number, count: number): void {
    wanted = { first, end: first + count }
    void pull()
  }

  watch(known, (rows) => {
    if (isTapped) return
    grow(rows)
    void pull()
  })

  let tap: TapHandle | null = null
  /** The tap has been heard: from then on it tells of new rows, and brings them along. */
  let isTapped = false
  let settle: ((bytes: number) => void) | null = null
  let owedBytes = 0
  let reached = 0
  let frame = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  /** When the page may draw again, on the clock of `performance.now`. */
  let restedAtMs = 0

  /** What came since the last frame is shown at once, and then settled: a page that cannot draw gets no more. */
  function draw(): void {
    frame = 0
    const restMs = Math.max(REST_MS.least, Math.min(REST_MS.most, (reached - total.value) * REST_MS.aRow))
    restedAtMs = performance.now() + restMs
    grow(reached)
    trim()
    version.value++
    void pull()
    if (owedBytes > 0) settle?.(owedBytes)
    owedBytes = 0
  }

  function deliver(message: TapMessage, settleTap: (bytes: number) => void): void {
    settle = settleTap
    isTapped = true
    // No further than what was brought: the rows after it come with the next message, and need no pull.
    if (message.type === 'skipped') reached = Math.max(reached, message.to)
    else {
      for (const row of unpackRows(message.rows)) {
        cache.set(row.row, row)
        reached = Math.max(reached, row.row + 1)
      }
      owedBytes += message.costBytes
    }
    if (frame !== 0 || timer !== undefined) return
    const restMs = restedAtMs - performance.now()
    if (restMs <= 0) frame = requestAnimationFrame(draw)
    else timer = setTimeout(drawSoon, restMs)
  }

  function drawSoon(): void {
    timer = undefined
    frame = requestAnimationFrame(draw)
  }

  watch(
    follow,
    (isFollowing) => {
      tap?.close()
      tap = null
      isTapped = false
      owedBytes = 0
      if (isFollowing) tap = openTap(id, Math.max(0, total.value), deliver)
      else grow(known.value)
      trim()
    },
    { immediate: true },
  )

  onScopeDispose(() => {
    isDisposed = true
    cancelAnimationFrame(frame)
    clearTimeout(timer)
    tap?.close()
    cache.clear()
  })

  return { total, version, fault, rowAt: (row) => cache.get(row), want }
}

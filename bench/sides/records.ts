// A capture alone, in a process of its own: as many small chunks of as many connections as one likes, without the sockets.
// Built by bench/records.mjs. Requests come as lines of JSON on stdin, answers go to stdout; the end of stdin ends it.
import { rmSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import { openCapture } from '../../src/main/capture/capture'
import { openRecording } from '../../src/main/capture/index/opened'
import { indexFileOf } from '../../src/main/capture/indexPath'
import { type CaptureReader } from '../../src/main/capture/types'
import { monotonicClock } from '../../src/main/engine/clock'
import { type Reply } from '../../src/shared/model/fault'
import { type SocketId } from '../../src/shared/model/ids'

const CHUNK_BYTES = 16
/** Between two looks at whether there is room, and a turn of the event loop. */
const BURST = 500
const ROWS_A_SCREEN = 60

interface Request {
  readonly ask: 'record' | 'look' | 'close' | 'open'
  readonly upTo?: number
  readonly count?: number
  readonly isAnew?: boolean
}

const [file = '', words = ''] = process.argv.slice(2)
const sockets = Number(words)
const ids = Array.from({ length: sockets }, (_, n): SocketId => `C${n + 1}`)
const clock = monotonicClock()
const capture = valueOf(await openCapture({ file, application: 'Switchboard bench', clock }))
const tracks = ids.map((id) => capture.track(id, 'tcp', `bench ${id}`))
for (const [n, track] of tracks.entries()) {
  const local = { kind: 'tcp', host: '127.0.0.1', port: 1024 + (n % 60_000) } as const
  track.event({ what: 'opened', local, remote: { kind: 'tcp', host: '127.0.0.1', port: 80 }, by: 'local' })
}
let reader: CaptureReader & { close(): Promise<void> } = capture
let recorded = 0

/** Chunks take turns among the connections; each says which of its connection it is. */
async function record(upTo: number): Promise<object> {
  const began = performance.now()
  const bytes = Buffer.alloc(CHUNK_BYTES)
  while (recorded < upTo) {
    while (!capture.hasRoom) await setImmediate()
    for (const last = Math.min(upTo, recorded + BURST); recorded < last; recorded++) {
      bytes.write(textOf(Math.floor(recorded / sockets)), 'latin1')
      tracks[recorded % sockets]?.chunk('in', bytes)
    }
    await setImmediate()
  }
  await capture.flush()
  return { seconds: (performance.now() - began) / 1000 }
}
const textOf = (chunk: number): string => `${String(chunk).padStart(CHUNK_BYTES - 1, '0')}\n`

/** A screenful by its row, the row of a byte, and that of a moment, each at a random place, one after the other; in milliseconds. */
async function look(count: number): Promise<object> {
  const times = { rows: [] as number[], offsets: [] as number[], moments: [] as number[] }
  for (let n = 0; n < count; n++) {
    const id = ids[Math.floor(Math.random() * sockets)] ?? 'C1'
    const { rows, inBytes } = reader.size(id)
    const row = Math.floor(Math.random() * Math.max(1, rows - ROWS_A_SCREEN))
    let began = performance.now()
    const found = valueOf(await reader.read(id, row, row + ROWS_A_SCREEN))
    times.rows.push(performance.now() - began)
    for (const each of found) {
      if (each.kind !== 'data') continue
      // The first row is that of the opening.
      if (Buffer.from(each.head).toString('latin1') !== textOf(each.row - 1))
        throw new Error(`row ${each.row} of ${id} holds other bytes`)
    }
    const offset = Math.floor(Math.random() * inBytes)
    began = performance.now()
    const holder = valueOf(await reader.rowAtOffset(id, 'in', offset))
    times.offsets.push(performance.now() - began)
    if (holder !== 1 + Math.floor(offset / CHUNK_BYTES))
      throw new Error(`byte ${offset} of ${id} is elsewhere`)
    const atNanos = found[0]?.atNanos ?? 0
    began = performance.now()
    const at = valueOf(await reader.rowAtTime(id, atNanos))
    times.moments.push(performance.now() - began)
    if (at > row) throw new Error(`the moment of row ${row} of ${id} is after it`)
  }
  return times
}

async function open(isAnew: boolean): Promise<object> {
  await reader.close()
  if (isAnew) rmSync(indexFileOf(file))
  const began = performance.now()
  const opened = valueOf(await openRecording(file))
  if (opened.isRebuilt !== isAnew) throw new Error('the index is not the one that was meant')
  reader = opened
  return { seconds: (performance.now() - began) / 1000 }
}

function valueOf<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(`${reply.fault.code}: ${reply.fault.summary}`)
  return reply.value
}

async function answer(request: Request): Promise<object> {
  switch (request.ask) {
    case 'record':
      return record(request.upTo ?? 0)
    case 'look':
      return look(request.count ?? 0)
    case 'open':
      return open(request.isAnew === true)
    case 'close':
      await reader.close()
      return {}
  }
}

const tell = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`)
tell({ ready: true })
const lines = createInterface({ input: process.stdin })
for await (const line of lines) tell(await answer(JSON.parse(line) as Request))

import fs from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { isConnectionId } from '../../../shared/model/ids'
import { monotonicClock } from '../../engine/clock'
import { openCapture } from '../capture'
import { resumeCapture } from '../resume'
import { type Capture } from '../types'
import { pattern, value } from './folder'

/**
 * A program that records into a file until it is killed, and goes on with it where it is there already: one more connection, which
 * sends the pattern of seed 1. On stdout it tells at once what it does: `is ID`, `has BYTES NANOS` once so many are recorded, and
 * `wrote BYTES` once they are reported as written. Arguments: the file, `small` or `full` speed, and where it is to move all the while: there
 * and back.
 */
const [file = '', speed = 'small', elsewhere = ''] = process.argv.slice(2)
const isFull = speed === 'full'
// Not process.stdout: nothing that was told may wait in the program.
const tell = (line: string): void => void fs.writeSync(1, `${line}\n`)

const capture: Capture = fs.existsSync(file)
  ? value(await resumeCapture({ file, application: 'killed' })).capture
  : value(await openCapture({ file, application: 'killed', clock: monotonicClock() }))
const id = `C${capture.ids().length + 1}`
if (!isConnectionId(id)) throw new Error(id)
const track = capture.track(id, 'tcp', 'killed')
const end = { kind: 'tcp', host: '127.0.0.1', port: 1 } as const
track.event({ what: 'opened', local: end, remote: { ...end, port: 2 }, by: 'local' })
tell(`is ${id}`)

async function moveAround(): Promise<void> {
  const { signal } = new AbortController()
  for (let n = 0; ; n++) {
    value(await capture.saveAs(n % 2 === 0 ? elsewhere : file, { signal }))
    tell('moved')
  }
}
if (elsewhere !== '') void moveAround()

const bytes = pattern(1, 0, 4 * 1024 * 1024)
let sent = 0
for (let n = 0; ; n++) {
  while (!capture.hasRoom) await setImmediate()
  const at = sent % bytes.length
  const length = Math.min(isFull ? 200_000 + (n % 60_000) : 1 + ((n * 7919) % 300), bytes.length - at)
  track.chunk('out', bytes.subarray(at, at + length))
  sent += length
  tell(`has ${sent} ${process.hrtime.bigint()}`)
  const known = sent
  if (n % (isFull ? 16 : 200) === 0) void capture.flush().then(() => tell(`wrote ${known}`))
  if (isFull ? n % 4 === 0 : true) await setImmediate()
}

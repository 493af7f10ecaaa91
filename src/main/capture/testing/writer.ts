import { setImmediate } from 'node:timers/promises'
import { type Endpoint } from '../../../shared/model/endpoint'
import { monotonicClock } from '../../engine/clock'
import { openCapture } from '../capture'
import { pattern, value } from './folder'

/**
 * A program that records until it is killed: the pattern of seed 1, in chunks of growing and shrinking sizes. On stdout it
 * tells, after each flush, how many bytes are in the file for sure.
 * Arguments: the file, and the largest chunk in bytes.
 */
const [file = '', largest = '1000'] = process.argv.slice(2)
const capture = value(await openCapture({ file, application: 'killed', clock: monotonicClock() }))
const end = (port: number): Endpoint => ({ kind: 'tcp', host: '127.0.0.1', port })
const track = capture.track('C1', 'tcp', 'killed')
track.event({ what: 'opened', local: end(1), remote: end(2), by: 'local' })
const bytes = pattern(1, 0, 4 * 1024 * 1024)
let sent = 0
for (let n = 0; ; n++) {
  if (!capture.hasRoom) {
    await setImmediate()
    continue
  }
  const at = sent % bytes.length
  const length = Math.min(1 + ((n * 7919) % Number(largest)), bytes.length - at)
  track.chunk('out', bytes.subarray(at, at + length))
  sent += length
  if (n % 64 !== 0) continue
  const known = sent
  // Written at once, also into a pipe: nothing that was told may be lost with the program.
  const flushed = capture.flush().then(() => process.stdout.write(`${known}\n`))
  // Every other time it records on while the disk is busy.
  if (n % 128 === 0) await flushed
}

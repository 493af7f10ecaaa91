import { isDatagramId } from '../../shared/model/ids'
import { drop } from '../../shared/model/must'
import { type BehavedConnection, type Reaction } from '../engine/types'

const LINE_CHARACTERS = 72
const FIRST = 0x20
const PRINTABLE = 95
/** The pattern begins anew after so many lines of 72 characters, CR and LF. */
const PATTERN_BYTES = PRINTABLE * (LINE_CHARACTERS + 2)
/** So much is written at a time; more only once the kernel has taken it. */
const PATTERNS_A_WRITE = 8
const DATAGRAM_BYTES = 512
/** What one member of a chat may have before itself. */
const MOST_WAITING_BYTES = 1024 * 1024

const pattern = Buffer.alloc(PATTERN_BYTES * PATTERNS_A_WRITE, line(0, PRINTABLE), 'latin1')

/** So many lines of the printable characters, each beginning one further. */
function line(from: number, count: number): string {
  let text = ''
  for (let n = from; n < from + count; n++) {
    for (let at = 0; at < LINE_CHARACTERS; at++) text += String.fromCharCode(FIRST + ((n + at) % PRINTABLE))
    text += '\r\n'
  }
  return text
}

/** Sends characters without end, whatever comes (RFC 864); to a datagram as many as it may hold. */
export function chargen(caller: BehavedConnection): Reaction {
  if (isDatagramId(caller.id)) {
    return {
      received: () => caller.write(pattern.subarray(0, DATAGRAM_BYTES)),
      peerFinished: () => undefined,
    }
  }
  let isOver = false
  // In a turn of its own: others have theirs in between, and the listener tells of the caller first.
  const next = (): void => void setImmediate(write)
  function write(): void {
    if (isOver) return
    const room = caller.whenRoom()
    if (room !== null) return drop(room.then(next))
    caller.write(pattern)
    if (caller.queuedBytes === 0) next()
  }
  next()
  return {
    received: () => undefined,
    peerFinished() {
      isOver = true
      caller.finish()
    },
    drained: next,
    ended: () => void (isOver = true),
  }
}

/** Tells date and time in UTC as one line, and finishes (RFC 867, which leaves the form open: here ISO 8601). */
export function daytime(caller: BehavedConnection): Reaction {
  const tell = (): void => caller.write(Buffer.from(`${new Date().toISOString()}\r\n`))
  if (isDatagramId(caller.id)) return { received: tell, peerFinished: () => undefined }
  tell()
  caller.finish()
  return { received: () => undefined, peerFinished: () => undefined }
}

/** What one caller says, all others hear; nobody is heard further while one of them has too much to take. */
export function chat(): (caller: BehavedConnection) => Reaction {
  const room = new Set<BehavedConnection>()
  const hold = (): void => {
    const isHeld = [...room].some(({ queuedBytes }) => queuedBytes > MOST_WAITING_BYTES)
    for (const each of room) each.hold(isHeld)
  }
  const leave = (caller: BehavedConnection): void => {
    room.delete(caller)
    hold()
  }
  return (caller) => {
    room.add(caller)
    return {
      received(bytes) {
        for (const other of room) if (other !== caller) other.write(bytes)
        hold()
      },
      peerFinished() {
        leave(caller)
        caller.finish()
      },
      drained: hold,
      ended: () => leave(caller),
    }
  }
}

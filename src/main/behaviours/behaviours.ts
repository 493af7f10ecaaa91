import { type Reply, fault } from '../../shared/model/fault'
import { parseEscapes } from '../../shared/wire/escape'
import { type Behaviour, type Reaction } from '../engine/types'
import { Upper } from './upper'

/** What a listener can do with those who call, as the user writes it; `reply:` is followed by its text. */
export const behaviourNames = ['none', 'echo', 'upper', 'discard', 'reply:TEXT'] as const

const silence: Reaction = { received: () => undefined, peerFinished: () => undefined }

/** Keeps silent, and leaves the connection as it is when the peer has finished: everything is done by hand. */
const none: Behaviour = {
  name: 'none',
  greet: () => silence,
}

/** Sends back what comes in (RFC 862). */
const echo: Behaviour = {
  name: 'echo',
  greet: (connection) => ({
    received: (bytes) => connection.write(bytes),
    peerFinished: () => connection.finish(),
  }),
}

/** Sends back what comes in, in upper case. */
const upper: Behaviour = {
  name: 'upper',
  greet(connection) {
    const text = new Upper()
    return {
      received: (bytes) => connection.write(text.push(bytes)),
      peerFinished() {
        connection.write(text.end())
        connection.finish()
      },
    }
  },
}

/** Takes everything and answers nothing (RFC 863); finishes when the peer has. */
const discard: Behaviour = {
  name: 'discard',
  greet: (connection) => ({ received: () => undefined, peerFinished: () => connection.finish() }),
}

/** Sends the same bytes for each chunk that comes in. */
function reply(name: string, bytes: Uint8Array): Behaviour {
  return {
    name,
    greet: (connection): Reaction => ({
      received: () => connection.write(bytes),
      peerFinished: () => connection.finish(),
    }),
  }
}

const plain: ReadonlyMap<string, Behaviour> = new Map(
  [none, echo, upper, discard].map((each) => [each.name, each]),
)

/**
 * Finds a behaviour by what the user wrote. The text of `reply:` may hold escapes, as in the composer (\n, \x00, \u00e9).
 * An unknown name is refused with the list of those there are.
 */
export function parseBehaviour(text: string): Reply<Behaviour> {
  const found = plain.get(text.trim())
  if (found !== undefined) return { ok: true, value: found }
  if (text.trimStart().startsWith('reply:')) {
    const name = text.trimStart()
    const bytes = parseEscapes(name.slice('reply:'.length))
    return bytes.ok ? { ok: true, value: reply(name, bytes.value) } : bytes
  }
  return {
    ok: false,
    fault: fault('SB_INPUT', `There is no behaviour "${text.trim()}".`, {
      hint: `There are: ${behaviourNames.join(', ')}.`,
    }),
  }
}

import { type Reply, fault } from '../../shared/model/fault'
import { parseEscapes } from '../../shared/wire/escape'
import { parseEndpoint } from '../../shared/model/endpoint'
import { refuseDestination, wrongKind } from '../engine/refusals'
import { type BehavedConnection, type Behaviour, type Reaction } from '../engine/types'
import { chargen, chat, daytime } from './generators'
import { proxyTo } from './proxy'
import { Upper } from './upper'

/** What a listener can do with those who call, as the user writes it; `reply:` is followed by its text, `proxy:` by an address. */
export const behaviourNames = [
  ...['none', 'echo', 'upper', 'discard', 'reply:TEXT'],
  ...['chargen', 'daytime', 'chat', 'proxy:URL'],
] as const

/** What it writes follows from what came, and from nothing else. */
export interface LonelyBehaviour extends Behaviour {
  readonly isAlone: true
  greet(connection: BehavedConnection): Reaction
}

export type AnyBehaviour = LonelyBehaviour | (Behaviour & { readonly isAlone: false })

const silence: Reaction = { received: () => undefined, peerFinished: () => undefined }

/** Keeps silent, and leaves the connection as it is when the peer has finished: everything is done by hand. */
const none: LonelyBehaviour = {
  name: 'none',
  isAlone: true,
  greet: () => silence,
}

/** Sends back what comes in (RFC 862). */
const echo: LonelyBehaviour = {
  name: 'echo',
  isAlone: true,
  greet: (connection) => ({
    received: (bytes) => connection.write(bytes),
    peerFinished: () => connection.finish(),
  }),
}

/** Sends back what comes in, in upper case. */
const upper: LonelyBehaviour = {
  name: 'upper',
  isAlone: true,
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
const discard: LonelyBehaviour = {
  name: 'discard',
  isAlone: true,
  greet: (connection) => ({ received: () => undefined, peerFinished: () => connection.finish() }),
}

/** Sends the same bytes for each chunk that comes in. */
function reply(name: string, bytes: Uint8Array): LonelyBehaviour {
  return {
    name,
    isAlone: true,
    greet: (connection): Reaction => ({
      received: () => connection.write(bytes),
      peerFinished: () => connection.finish(),
    }),
  }
}

const plain: ReadonlyMap<string, AnyBehaviour> = new Map(
  [none, echo, upper, discard].map((each) => [each.name, each]),
)
const others: ReadonlyMap<string, () => AnyBehaviour['greet']> = new Map([
  ['chargen', () => chargen],
  ['daytime', () => daytime],
  ['chat', chat],
])

/**
 * Finds a behaviour by what the user wrote. The text of `reply:` may hold escapes, as in the composer (\n, \x00, \u00e9).
 * An unknown name is refused with the list of those there are.
 */
export function parseBehaviour(text: string): Reply<AnyBehaviour> {
  const name = text.trim()
  const found = plain.get(name)
  if (found !== undefined) return { ok: true, value: found }
  const other = others.get(name)
  if (other !== undefined) return { ok: true, value: { name, isAlone: false, greet: other() } }
  if (name.startsWith('proxy:')) return parseProxy(name)
  if (name.startsWith('reply:')) {
    const written = text.trimStart()
    const bytes = parseEscapes(written.slice('reply:'.length))
    return bytes.ok ? { ok: true, value: reply(written, bytes.value) } : bytes
  }
  return {
    ok: false,
    fault: fault('SB_INPUT', `There is no behaviour "${name}".`, {
      hint: `There are: ${behaviourNames.join(', ')}.`,
    }),
  }
}

/** The same for a UDP socket, which answers each datagram by itself: it has nobody to pass on to. */
export function parseDatagramBehaviour(text: string): Reply<AnyBehaviour> {
  const parsed = parseBehaviour(text)
  if (!parsed.ok || !/^(proxy:|chat$)/.test(parsed.value.name)) return parsed
  const hint = 'Listen at tcp:// or unix: for it.'
  return {
    ok: false,
    fault: fault('SB_INPUT', `${parsed.value.name} is for streams, not for datagrams.`, { hint }),
  }
}

function parseProxy(name: string): Reply<AnyBehaviour> {
  const target = parseEndpoint(name.slice('proxy:'.length))
  if (!target.ok) return target
  const refused =
    target.value.kind === 'udp' ? wrongKind('dial', target.value) : refuseDestination(target.value)
  if (refused !== null) return { ok: false, fault: refused }
  return { ok: true, value: { name, isAlone: false, greet: proxyTo(target.value) } }
}

import { type Reply, fault } from '../../shared/model/fault'
import { parseEscapes } from '../../shared/wire/escape'
import { parseEndpoint } from '../../shared/model/endpoint'
import { refuseDestination, wrongKind } from '../engine/refusals'
import {
  type BehavedConnection,
  type Behaviour,
  type DatagramBehaviour,
  type Reaction,
} from '../engine/types'
import { answering } from './answering'
import { chargen, chat, daytime } from './generators'
import { impairing } from './impair'
import { parseImpairRules } from './impairRules'
import { proxyTo } from './proxy'
import { Upper } from './upper'

const forBoth = ['none', 'echo', 'upper', 'discard', 'reply:TEXT', 'chargen', 'daytime'] as const
/** What a listener can do with those who call, as the user writes it; `reply:` is followed by its text, `proxy:` by an address. */
export const behaviourNames = [...forBoth, 'chat', 'proxy:URL'] as const
/** What a datagram socket can do with what comes in; `impair:` is followed by an address, and rules with spaces between. */
export const datagramBehaviourNames = [...forBoth, 'impair:URL RULES'] as const

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
  if (name.startsWith('impair:'))
    return unfit(name, 'is for datagrams, not for streams.', 'Listen at udp:// for it.')
  return unknown(name, behaviourNames)
}

const unknown = (name: string, known: readonly string[]): Reply<never> =>
  refused(`There is no behaviour "${name}".`, `There are: ${known.join(', ')}.`)
const unfit = (name: string, why: string, hint: string): Reply<never> => refused(`${name} ${why}`, hint)
const refused = (summary: string, hint: string): Reply<never> => ({
  ok: false,
  fault: fault('SB_INPUT', summary, { hint }),
})

/** The same for a datagram socket: what streams have too answers each datagram by itself. */
export function parseDatagramBehaviour(text: string): Reply<DatagramBehaviour> {
  const name = text.trim()
  if (name.startsWith('impair:')) return parseImpair(name)
  const parsed = parseBehaviour(text)
  if (/^(proxy:|chat$)/.test(name))
    return parsed.ok
      ? unfit(name, 'is for streams, not for datagrams.', 'Listen at tcp:// or unix: for it.')
      : parsed
  if (parsed.ok) return { ok: true, value: answering(parsed.value) }
  return name.startsWith('reply:') ? parsed : unknown(name, datagramBehaviourNames)
}

/** `impair:udp://127.0.0.1:9000 lose=1/3 delay=50ms` */
function parseImpair(name: string): Reply<DatagramBehaviour> {
  const [address = '', ...words] = name.slice('impair:'.length).trim().split(/\s+/)
  const target = parseEndpoint(address)
  if (!target.ok) return target
  if (target.value.kind !== 'udp')
    return unfit(name, 'passes on to a udp:// address alone.', 'Write impair:udp://127.0.0.1:9000 lose=1/3.')
  const bad = refuseDestination(target.value)
  if (bad !== null) return { ok: false, fault: bad }
  const rules = parseImpairRules(words)
  return rules.ok ? { ok: true, value: impairing(name, target.value, rules.value) } : rules
}

function parseProxy(name: string): Reply<AnyBehaviour> {
  const target = parseEndpoint(name.slice('proxy:'.length))
  if (!target.ok) return target
  const bad = target.value.kind === 'udp' ? wrongKind('dial', target.value) : refuseDestination(target.value)
  if (bad !== null) return { ok: false, fault: bad }
  return { ok: true, value: { name, isAlone: false, greet: proxyTo(target.value) } }
}

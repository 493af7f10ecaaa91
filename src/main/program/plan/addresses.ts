import { type ExperimentEndpoint } from '../../../shared/model/experiment'
import { parseProtocol } from '../../../shared/model/protocols'

/** A piece of an address: text as it is, or what is known only while the program runs. */
export type Piece =
  | string
  /** What an endpoint is bound to: its port, or its path. */
  | { readonly of: string; readonly part: 'port' | 'path' }
  /** A folder that the program makes and removes. */
  | { readonly is: 'temp' }
  /** This machine's first IPv4 address that is not loopback's. */
  | { readonly is: 'lan' }
export type Words = readonly Piece[]

export type Address =
  | {
      readonly kind: 'tcp' | 'udp'
      readonly host: Words
      readonly port: Words
      readonly family: 4 | 6 | null
    }
  /** A path, or with `@` in front an abstract name; empty: none. */
  | { readonly kind: 'unix' | 'unixgram'; readonly path: Words }
  | { readonly kind: 'raw'; readonly host: Words; readonly family: 4 | 6 | null; readonly protocol: number }

/** The whole as text; null where some of it is known only later. */
export function fixed(words: Words): string | null {
  return words.every((each) => typeof each === 'string') ? words.join('') : null
}

/** Reads an endpoint's address, or another text of that form, with what its references stand for as far as the file tells. */
export function addressOf(text: string, endpoints: readonly ExperimentEndpoint[]): Address {
  const [, scheme = 'tcp', rest = ''] = /^(?:(tcp|udp|unix|unixgram|raw):)?(?:\/\/)?(.*)$/is.exec(
    text.trim(),
  ) ?? ['', 'tcp', '']
  const kind = scheme.toLowerCase() as Address['kind']
  if (kind === 'unix' || kind === 'unixgram') return { kind, path: wordsOf(rest, endpoints) }
  if (kind === 'raw') {
    const slash = rest.lastIndexOf('/')
    const host = wordsOf(rest.slice(0, slash).replace(/^\[(.*)\]$/, '$1'), endpoints)
    return { kind, host, family: familyOf(host), protocol: parseProtocol(rest.slice(slash + 1)) ?? 0 }
  }
  const colon = rest.lastIndexOf(':')
  const host = wordsOf(rest.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), endpoints)
  return { kind, host, port: wordsOf(rest.slice(colon + 1), endpoints), family: familyOf(host) }
}

function familyOf(host: Words): 4 | 6 | null {
  const text = fixed(host)
  if (text === null) return 4
  return text.includes(':') ? 6 : /^\d+\.\d+\.\d+\.\d+$/.test(text) ? 4 : null
}

function wordsOf(text: string, endpoints: readonly ExperimentEndpoint[]): Words {
  const pieces: Piece[] = []
  let from = 0
  for (const { 0: written, 1: inside = '', index } of text.matchAll(/\{([^{}]*)\}/g)) {
    if (index > from) pieces.push(text.slice(from, index))
    pieces.push(...meaningOf(inside, written, endpoints))
    from = index + written.length
  }
  if (from < text.length) pieces.push(text.slice(from))
  return joined(pieces)
}

function meaningOf(inside: string, written: string, endpoints: readonly ExperimentEndpoint[]): Words {
  if (inside === 'temp.path') return [{ is: 'temp' }]
  if (inside === 'machine.lan') return [{ is: 'lan' }]
  const dot = inside.lastIndexOf('.')
  const name = inside.slice(0, dot)
  const part = inside.slice(dot + 1)
  const endpoint = endpoints.find((each) => each.name === name)
  // A socket that a call has made.
  if (endpoint === undefined) return part === 'port' || part === 'path' ? [{ of: name, part }] : [written]
  const address = addressOf(endpoint.address, endpoints)
  if (part === 'host' && 'host' in address) return reachable(address.host)
  if (part === 'path' && 'path' in address) {
    const path = fixed(address.path)
    return path === '' || path === '@' ? [{ of: name, part: 'path' }] : address.path
  }
  if (part !== 'port') return [written]
  const port = 'port' in address && endpoint.kind !== 'dialled' ? fixed(address.port) : null
  return port === null || port === '0' ? [{ of: name, part: 'port' }] : [port]
}

/** What listens on all addresses is dialled on the loopback. */
function reachable(host: Words): Words {
  const text = fixed(host)
  return text === '0.0.0.0' ? ['127.0.0.1'] : text === '::' ? ['::1'] : host
}

function joined(pieces: readonly Piece[]): Words {
  const words: Piece[] = []
  for (const piece of pieces) {
    const last = words.at(-1)
    if (typeof piece === 'string' && typeof last === 'string') words[words.length - 1] = last + piece
    else words.push(piece)
  }
  return words
}

/** Everything in some words that is known only later. */
export function laterIn(words: Words): readonly Exclude<Piece, string>[] {
  return words.filter((each) => typeof each !== 'string')
}

/** All words of an address. */
export function wordsIn(address: Address): readonly Words[] {
  if (address.kind === 'tcp' || address.kind === 'udp') return [address.host, address.port]
  return 'path' in address ? [address.path] : [address.host]
}

import { type Reply } from '../../shared/model/fault'
import { parseEndpoint, type Endpoint } from '../../shared/model/endpoint'

/** `{server.port}`: what another endpoint is bound to. */
const REFERENCE = /\{([^{}]*)\}/g
const PARTS = ['port', 'host', 'path'] as const
type Part = (typeof PARTS)[number] | 'lan'

/** Names that no endpoint may have, with the parts that they have of themselves. */
export const ownNames: Readonly<Record<string, Part>> = {
  /** A folder that the run makes, and takes away. */
  temp: 'path',
  /** Its first address that is not of loopback. */
  machine: 'lan',
}

export interface Reference {
  readonly written: string
  readonly name: string
  readonly part: Part | null
}

/** The value that a reference stands for now; null: there is none yet. */
export type ValueOf = (name: string, part: string) => string | null

export function referencesIn(address: string): Reference[] {
  return [...address.matchAll(REFERENCE)].map(([written, inside = '']) => {
    const dot = inside.lastIndexOf('.')
    const name = dot < 0 ? inside : inside.slice(0, dot)
    const parts: readonly Part[] = Object.hasOwn(ownNames, name) ? [ownNames[name] ?? 'port'] : PARTS
    const part = parts.find((each) => each === inside.slice(dot + 1)) ?? null
    return { written, name, part: dot < 0 ? null : part }
  })
}

/** The address as it would be with some values in the place of its references: tells whether it can be one at all. */
export function parseWithStandIns(address: string): Reply<Endpoint> {
  return parseEndpoint(withStandIns(address))
}

/** A text with some values in the place of its references. */
export function withStandIns(text: string): string {
  const standIns: Readonly<Record<Part, string>> = {
    port: '1',
    host: 'localhost',
    lan: '127.0.0.1',
    path: /^\s*(proxy:)?unix(gram)?:/i.test(text) ? '/tmp' : '1',
  }
  return text.replace(
    REFERENCE,
    (_all, inside: string) => standIns[inside.slice(inside.lastIndexOf('.') + 1) as Part] ?? '1',
  )
}

/** The address with the values that its references stand for. */
export function resolveAddress(address: string, valueOf: ValueOf): Reply<Endpoint> {
  return parseEndpoint(withValues(address, valueOf))
}

/** A text with the values that its references stand for. */
export function withValues(text: string, valueOf: ValueOf): string {
  return text.replace(REFERENCE, (written, inside: string) => {
    const dot = inside.lastIndexOf('.')
    return valueOf(inside.slice(0, dot), inside.slice(dot + 1)) ?? written
  })
}

/** Only an address may refer to others: the text of `reply:` may hold braces of its own. */
export function mayRefer(behaviour: string): boolean {
  return /^\s*(proxy|impair):/.test(behaviour)
}

/** What listens on all addresses is dialled on the loopback. */
export function hostToDial(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

export const referenceParts = PARTS.join(', ')

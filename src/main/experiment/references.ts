import { type Reply } from '../../shared/model/fault'
import { hasPath, hasPort, parseEndpoint, type Endpoint } from '../../shared/model/endpoint'

/** `{server.port}`: what another endpoint is bound to. */
const REFERENCE = /\{([^{}]*)\}/g
const PARTS = ['port', 'host', 'path'] as const
type Part = (typeof PARTS)[number]

export interface Reference {
  readonly written: string
  readonly name: string
  readonly part: Part | null
}

export function referencesIn(address: string): Reference[] {
  return [...address.matchAll(REFERENCE)].map(([written, inside = '']) => {
    const dot = inside.lastIndexOf('.')
    const part = PARTS.find((each) => each === inside.slice(dot + 1)) ?? null
    return { written, name: dot < 0 ? inside : inside.slice(0, dot), part: dot < 0 ? null : part }
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
    path: /^\s*(proxy:)?unix:/i.test(text) ? '/tmp' : '1',
  }
  return text.replace(
    REFERENCE,
    (_all, inside: string) => standIns[inside.slice(inside.lastIndexOf('.') + 1) as Part] ?? '1',
  )
}

/** The address with the values that its references stand for. @param boundOf where an endpoint is bound now; null: it is not */
export function resolveAddress(address: string, boundOf: (name: string) => Endpoint | null): Reply<Endpoint> {
  return parseEndpoint(withValues(address, boundOf))
}

/** A text with the values that its references stand for. */
export function withValues(text: string, boundOf: (name: string) => Endpoint | null): string {
  return text.replace(REFERENCE, (written, inside: string) => {
    const bound = boundOf(inside.slice(0, inside.lastIndexOf('.')))
    if (bound === null) return written
    const part = inside.slice(inside.lastIndexOf('.') + 1)
    if (hasPath(bound)) return part === 'path' ? bound.path : written
    if (part === 'port') return hasPort(bound) ? String(bound.port) : written
    return part === 'host' ? hostOf(bound.host) : written
  })
}

/** Only an address may refer to others: the text of `reply:` may hold braces of its own. */
export function mayRefer(behaviour: string): boolean {
  return behaviour.trimStart().startsWith('proxy:')
}

/** What listens on all addresses is dialled on the loopback. */
function hostOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

export const referenceParts = PARTS.join(', ')

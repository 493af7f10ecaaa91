import { type Address } from '../plan/addresses'
import { type ActOfKind } from '../plan/plan'
import { type Script } from './script'

export type CallAct = ActOfKind<'call'>

/** A call that is left out, in its place. */
export function left(script: Script, { source }: CallAct, why = 'it has no counterpart here'): void {
  script.comment(`${source}: left out, ${why}.`)
}

export function addressFor(script: Script, act: CallAct): Address | null {
  const { of, addresses } = act
  if (!('address' in of)) return null
  if (of.address.is !== 'getsockname') {
    const first = addresses[0] ?? null
    return first !== null && 'path' in first ? { ...first, kind: 'unix' } : first
  }
  const other = script.bench.get(of.address.of)
  if (other === undefined || other.kind === 'made') return null
  if (other.address !== null && 'path' in other.address) return other.address
  return { kind: 'tcp', host: ['127.0.0.1'], port: [{ of: other.name, part: 'port' }], family: 4 }
}

/** Whether somebody of the program listens there now. */
export function isTaken(script: Script, address: Address): boolean {
  if ('path' in address) return script.files.has(JSON.stringify(address.path))
  return (
    'port' in address &&
    address.port.some((each) => typeof each !== 'string' && 'of' in each && script.listening.has(each.of))
  )
}

import { type Reaction } from '../../engine/types'
import { parseBehaviour } from '../../behaviours/behaviours'
import { type Told } from './story'

/**
 * Whether a behaviour, and nobody else, did all that a recorded connection did: then it will do the same again. What depends on how bytes
 * are cut into chunks (`reply:`) is only sure where each was answered before the next was sent.
 * @param other the record of the connection's other end, or the same again where that is not there
 */
export function explains(
  behaviour: string,
  rows: readonly Told[] = [],
  other: readonly Told[] = [],
): boolean {
  const parsed = parseBehaviour(behaviour)
  if (!parsed.ok || !parsed.value.isAlone) return false
  const written: Uint8Array[] = []
  const sent: Uint8Array[] = []
  let hasFinished = false
  const reaction: Reaction = parsed.value.greet({
    id: 'C1',
    write: (bytes) => void written.push(new Uint8Array(bytes)),
    finish: () => (hasFinished = true),
    queuedBytes: 0,
    hold: () => undefined,
    passesTo: () => undefined,
    whenRoom: () => null,
  })
  if (behaviour.trimStart().startsWith('reply:') && !isByTurns(other)) return false
  for (const each of rows) {
    if (each.kind === 'data') {
      if (each.direction === 'out') sent.push(each.bytes)
      else reaction.received(each.bytes)
      continue
    }
    const { event } = each
    if (event.what === 'finished' && event.by === 'remote') reaction.peerFinished()
    if (event.what === 'finished' && event.by === 'local' && !hasFinished) return false
    if (event.what === 'closed' && event.by === 'local' && event.how !== 'fin') return false
    if (event.what === 'paused' || event.what === 'resumed' || event.what === 'gap') return false
  }
  return Buffer.concat(written).equals(Buffer.concat(sent))
}

/** Nobody sends twice without having heard the other. */
function isByTurns(rows: readonly Told[]): boolean {
  const turns = rows.flatMap((each) => (each.kind === 'data' ? [each.direction] : []))
  return turns.every((direction, at) => direction !== turns[at - 1])
}

import { formatEndpoint, type Endpoint } from '../../shared/model/endpoint'
import { type SocketId } from '../../shared/model/ids'
import { type ReplayRole, type ReplaySpeed, type ReplayWait } from '../../shared/model/replay'
import { type ReplayMask } from '../../shared/wire/replayMask'
import { type SendRules } from '../../shared/wire/replayRules'
import { endFor, type Conversation, type Plan } from './plan'

export interface ReplayOptions {
  readonly role: ReplayRole
  /** As client: whom to call. As server: where to listen. */
  readonly at: Endpoint | null
  readonly speed: ReplaySpeed
  readonly wait: ReplayWait
  /** How much longer than recorded a silent peer is waited for; default 5 s. */
  readonly patienceMs?: number | undefined
  /** What may differ in what comes. */
  readonly masks?: readonly ReplayMask[] | undefined
  /** What is sent otherwise than it was recorded. */
  readonly rules?: SendRules | undefined
}

/** The connections that can be played so, and what is to be told of those that are left out. */
export function chooseFrom(
  plan: Plan,
  { role, at }: ReplayOptions,
): { readonly chosen: readonly Conversation[]; readonly warnings: readonly string[] } {
  const fit = plan.conversations.filter(({ kind }) => at === null || (at.kind === 'udp') === (kind === 'udp'))
  // A dial that came to nothing was heard of by no server.
  const chosen = fit.filter((each) => role === 'client' || endFor(each, 'client').failure === null)
  const warnings: string[] = []
  const tell = (what: string): void => void warnings.push(`Left out: ${what}`)
  const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
  if (plan.replayed > 0) tell(`${counted(plan.replayed, 'connection')} on which replays had played.`)
  const misfits = plan.conversations.length - fit.length
  if (at !== null && misfits > 0) {
    const what = at.kind === 'udp' ? 'connection' : 'UDP socket'
    tell(`${counted(misfits, what)}, not to be played with ${formatEndpoint(at)}.`)
  }
  if (plan.leftOut.length > 0)
    tell(`${listed(plan.leftOut)}: Unix datagram and raw sockets are not replayed.`)
  const unheard = fit.length - chosen.length
  if (unheard > 0) tell(`${counted(unheard, 'dial')} that came to nothing.`)
  return { chosen, warnings }
}

function listed(ids: readonly SocketId[]): string {
  return `${ids.slice(0, 8).join(', ')}${ids.length > 8 ? ' …' : ''}`
}

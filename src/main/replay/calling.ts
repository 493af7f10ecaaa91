import { type Endpoint } from '../../shared/model/endpoint'
import { fault } from '../../shared/model/fault'
import { drop } from '../../shared/model/must'
import { DatagramLine, StreamLine } from './lines'
import { type Party } from './party'
import { type Stage, type StageParts } from './stage'

/** Clients that call somebody. */
export class Calling implements Stage {
  readonly listening = null
  readonly #parts: StageParts
  readonly #target: Endpoint

  constructor(parts: StageParts, target: Endpoint) {
    this.#parts = parts
    this.#target = target
  }

  open(): Promise<void> {
    return Promise.resolve()
  }
  call(party: Party): void {
    if (this.#target.kind === 'udp') drop(bindTo(this.#parts, party, this.#target))
    else dial(this.#parts, party, this.#target)
  }
  over(): void {
    // Nothing is kept of it.
  }
  ticked(): void {
    // Nothing is waited for.
  }
  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** Opens a client's connection. @param onOpen told its local port, or null where it has none */
export function dial(
  { engine, state, lateOf }: StageParts,
  party: Party,
  to: Endpoint,
  onOpen?: (port: number | null) => void,
): void {
  // What has a time goes out at that time, and is not gathered.
  const dialled = engine.dial(to, { noDelay: true })
  if (!dialled.ok) return party.failed(dialled.fault)
  const { id } = dialled.value
  const line = new StreamLine(engine, id)
  party.opening(line)
  engine.attend(id, { name: 'replay', greet: () => party })
  drop(
    engine.dialled(id).then(() => {
      const now = state(id)
      if (now === null || (now.phase !== 'open' && now.phase !== 'halfClosed')) return
      onOpen?.(now.local.kind === 'tcp' ? now.local.port : null)
      party.opened(line, lateOf(party))
    }),
  )
}

/** Opens a client's UDP socket. */
export async function bindTo({ engine }: StageParts, party: Party, to: Endpoint): Promise<void> {
  if (to.kind !== 'udp') return party.failed(fault('SB_INPUT', 'Datagrams go to udp:// addresses.'))
  const host = to.host.includes(':') ? '::' : '0.0.0.0'
  const bound = await engine.bindUdp({ kind: 'udp', host, port: 0 })
  if (!bound.ok) return party.failed(bound.fault)
  const { id } = bound.value
  const line = new DatagramLine(engine, id, true, party)
  const connected = await engine.connectUdp(id, to)
  if (connected.ok) return party.opened(line, 0)
  await engine.closeUdp(id)
  party.failed(connected.fault)
}

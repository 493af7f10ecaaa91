import { type SocketId } from '../../shared/model/ids'
import { type ConnectionState, type UdpState } from '../../shared/model/state'
import { type CaptureReader } from '../capture/types'
import { type Engine } from '../engine/types'
import { type Party } from './party'

/** What a stage is given. */
export interface StageParts {
  readonly engine: Engine
  readonly reader: CaptureReader
  readonly parties: readonly Party[]
  readonly state: (id: SocketId) => ConnectionState | UdpState | null
  /** How much later than it was recorded something is that begins now: nanoseconds to add to all times of a connection. */
  readonly shiftOf: (party: Party) => number
  /** How much later than it was recorded a dial has come to its end, nanoseconds: what is sent keeps its distance to that. */
  readonly lateOf: (party: Party) => number
  readonly warn: (text: string) => void
}

/** Where parties get their sockets: one for each role. */
export interface Stage {
  /** Where it listens; null where nobody needs to know. */
  readonly listening: string | null
  /** Throws a FaultError. */
  open(): Promise<void>
  /** A client's time has come. */
  call(party: Party): void
  over(party: Party): void
  /** Called now and then. @param ms since the last time */
  ticked(ms: number): void
  close(): Promise<void>
}

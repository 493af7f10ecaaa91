import {
  type BenchAct,
  type BenchAddress,
  type BenchCall,
  type BlockedCall,
  type SystemCall,
} from '../../../shared/model/bench'
import { fault, FaultError } from '../../../shared/model/fault'
import { type BenchId } from '../../../shared/model/ids'
import { encodeAddress } from '../posix/sockaddr'
import { type BenchSocket } from './benchSocket'
import { type Outcome } from './callerMessages'
import { type Running } from './callers'
import { pythonException, pythonLine, pythonValue } from './pythonText'
import { waitsFor } from './waitsFor'

/** A call under way. */
export interface Going {
  readonly number: number
  readonly act: BenchAct
  readonly socket: BenchSocket | null
  readonly beganAtNanos: number
  readonly done: SystemCall[]
  entered: { readonly text: string; readonly atNanos: number } | null
  running: Running | null
  timer: NodeJS.Timeout | null
}

/** How a call that has not returned is told. */
export function blockedOf(bench: BenchId, going: Going): BlockedCall {
  const { number, act, socket, entered, beganAtNanos } = going
  return {
    bench,
    number,
    socket: socket?.id ?? null,
    call: act.call,
    python: pythonLine(act, null, hasFile(socket)),
    fd: socket?.fd ?? -1,
    system: entered?.text ?? '',
    sinceNanos: entered?.atNanos ?? beganAtNanos,
    waitsFor: waitsFor(act.call),
  }
}

/** How a call that has returned is told. @param made the socket that it made; @param fd of its own socket, before the call @param span of the thread's part */
export function calledOf(
  bench: BenchId,
  { number, act, socket, done }: Going,
  outcome: Outcome,
  made: BenchSocket | null,
  fd: number | null,
  span: { readonly beganAtNanos: number; readonly tookNanos: number },
): BenchCall {
  const first = done[0]
  const last = done.at(-1)
  return {
    bench,
    number,
    socket: made?.id ?? socket?.id ?? null,
    call: act.call,
    python: pythonLine(act, made?.id ?? null, hasFile(socket)),
    gave: outcome.kind === 'value' ? pythonValue(act, outcome, socket?.mode) : pythonException(outcome),
    isRaised: outcome.kind !== 'value',
    fd: fd ?? made?.fd ?? null,
    returned: last?.returned ?? null,
    errno: last?.errno?.code ?? null,
    // Of what the kernel did, not of our own telling.
    beganAtNanos: first?.beganAtNanos ?? span.beganAtNanos,
    tookNanos:
      first === undefined || last === undefined
        ? span.tookNanos
        : last.beganAtNanos + last.tookNanos - first.beganAtNanos,
    system: done,
  }
}

function hasFile(socket: BenchSocket | null): boolean {
  return socket !== null && socket.file !== null
}

/** What no structure of an address can hold is refused before the kernel is asked. */
export function refuseAddress(address: BenchAddress): void {
  try {
    encodeAddress(address)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new FaultError(
      fault('SB_INPUT', error.message, { hint: 'Addresses are numbers here: nothing is looked up.' }),
    )
  }
}

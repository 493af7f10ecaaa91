import {
  type CallExpectation,
  type KernelExpectation,
  type Payload,
  type ScriptedCall,
} from '../../../shared/model/experiment'
import { type KernelField } from '../../../shared/model/kernelFields'
import { type ImpairRules } from '../../behaviours/impairRules'
import { type Ask } from '../../../shared/model/socketOptions/asks'
import { fixed, laterIn, wordsIn, type Address, type Words } from './addresses'

/** What an experiment, or one side of it, does, without a language: the writers make programs of it. */
export interface Plan {
  readonly name: string
  readonly about: string
  /** The only endpoint that the program is; null where it is all of them. */
  readonly only: string | null
  readonly ends: readonly End[]
  /** All sockets that variables stand for, in the order in which they appear. */
  readonly sockets: readonly Sock[]
  readonly acts: readonly Act[]
  /** What of these is used anywhere. */
  readonly usesTemp: boolean
  readonly usesLan: boolean
  /** Endpoints whose port or path is asked for after they are bound. */
  readonly referred: ReadonlySet<string>
  /** All text that goes to behaviours is ASCII. */
  readonly isAscii: boolean
}

export type End = ListeningEnd | DiallingEnd | DatagramEnd

interface EndOf {
  readonly name: string
  readonly address: Address
  readonly asks: readonly Ask[]
}
export interface ListeningEnd extends EndOf {
  readonly kind: 'listener'
  readonly behaviour: Behaviour
  readonly accept: 'automatically' | 'serially' | 'manually'
  readonly backlog: number | null
  readonly reuseAddress: boolean
  /** Options of each caller. */
  readonly accepted: readonly Ask[]
  /** Whether steps look at its callers although a behaviour answers them: at their ends alone, or at all they do. */
  readonly watched: Watched
}
export interface DiallingEnd extends EndOf {
  readonly kind: 'dialled'
  readonly localHost: string | null
  readonly localPort: number
}
export interface DatagramEnd extends EndOf {
  readonly kind: 'datagram'
  readonly isConnected: boolean
  readonly behaviour: Behaviour
  readonly isWatched: boolean
}

export type Watched = 'no' | 'ends' | 'all'

export type Behaviour =
  | { readonly is: 'none' | 'echo' | 'upper' | 'discard' | 'chargen' | 'daytime' | 'chat' }
  | { readonly is: 'reply'; readonly bytes: Uint8Array }
  | { readonly is: 'proxy'; readonly to: Address }
  /** Passes datagrams on as a network does that is not perfect. */
  | { readonly is: 'impair'; readonly to: Address; readonly rules: ImpairRules }

/** A socket as a program has it. */
export interface Sock {
  /** The endpoint's name. */
  readonly name: string
  /** Counted from 1; null where it is the endpoint itself. */
  readonly caller: number | null
  /** `bench`: made by a call of its own. */
  readonly kind: 'listener' | 'stream' | 'datagram' | 'bench'
  readonly isUnix: boolean
  readonly isDatagram: boolean
  /** A behaviour answers it, in the background. */
  readonly isServed: boolean
  /** Of a caller that is served: only whether it has gone is known. */
  readonly isOnlyEnd: boolean
}

export type Wanted =
  | { readonly is: 'bytes'; readonly bytes: Uint8Array }
  | { readonly is: 'length'; readonly lengthBytes: number }
  | { readonly is: 'match'; readonly written: string; readonly source: string; readonly flags: string }

interface ActOf {
  /** The experiment's steps that it comes from. */
  readonly steps: readonly number[]
  readonly withinMs: number
}

export type Act = ActOf &
  (
    | { readonly do: 'part'; readonly name: string }
    /** A step that nothing is to be done for, with the reason. */
    | { readonly do: 'remark'; readonly text: string }
    /** `fails`: the errno that it is expected to fail with. */
    | {
        readonly do: 'listen'
        readonly end: ListeningEnd
        readonly sock: Sock
        readonly fails: string | null
      }
    | { readonly do: 'bind'; readonly end: DatagramEnd; readonly sock: Sock; readonly fails: string | null }
    /** `isPending`: nobody may answer yet, and it goes on. */
    | {
        readonly do: 'dial'
        readonly end: DiallingEnd
        readonly sock: Sock
        readonly fails: string | null
        readonly isPending: boolean
      }
    | { readonly do: 'stillDialling'; readonly sock: Sock; readonly calls: Sock | null }
    /** A dial that nobody had answered has been. */
    | { readonly do: 'connected'; readonly sock: Sock }
    | { readonly do: 'accept'; readonly end: ListeningEnd; readonly listener: Sock; readonly sock: Sock }
    /** `fails`: sending, or what comes of it, fails with this errno. */
    | { readonly do: 'send'; readonly sock: Sock; readonly payload: Payload; readonly fails: string | null }
    /** `to`: null for whoever sent last. */
    | {
        readonly do: 'sendTo'
        readonly sock: Sock
        readonly payload: Payload
        readonly to: Address | null
      }
    | { readonly do: 'read'; readonly sock: Sock; readonly wanted: Wanted }
    | {
        readonly do: 'readDatagram'
        readonly sock: Sock
        readonly wanted: Wanted
        readonly isConnected: boolean
      }
    | {
        readonly do: 'end'
        readonly sock: Sock
        readonly how: 'fin' | 'reset'
        readonly isExact: boolean
        /** FIN has been seen before: nothing is read any more. */
        readonly isAfterFin: boolean
      }
    | { readonly do: 'error'; readonly sock: Sock; readonly code: string }
    | { readonly do: 'silence'; readonly sock: Sock; readonly isPaused: boolean }
    | { readonly do: 'queue'; readonly sock: Sock; readonly length: number }
    | { readonly do: 'kernel'; readonly sock: Sock; readonly fields: readonly KernelExpectation[] }
    | { readonly do: 'look'; readonly sock: Sock; readonly field: KernelField; readonly as: string }
    | { readonly do: 'wait' }
    /** A file is removed, or with a mode gets that. */
    | { readonly do: 'file'; readonly path: Words; readonly mode: number | null }
    | { readonly do: 'close'; readonly sock: Sock; readonly path: Words | null; readonly hasUnread: boolean }
    | { readonly do: 'reset' | 'shutdown' | 'pause' | 'resume' | 'unplug' | 'plug'; readonly sock: Sock }
    /** The last callers of a server that was made by hand: they end the call. */
    | { readonly do: 'untilGone'; readonly sock: Sock }
    | {
        readonly do: 'call'
        readonly source: string
        readonly of: ScriptedCall
        readonly names: readonly string[]
        readonly expected: CallExpectation | null
        readonly as: string | null
        /** What its address comes to, where it has one. */
        readonly addresses: readonly Address[]
      }
    | { readonly do: 'returns'; readonly on: string; readonly expected: CallExpectation | null }
  )

export type ActOfKind<Kind extends Act['do']> = Extract<Act, { do: Kind }>

/** The socket that a call has given this name. */
export const benchSock = (
  name: string,
  { isUnix, isDatagram }: Pick<Sock, 'isUnix' | 'isDatagram'> = { isUnix: false, isDatagram: false },
): Sock => ({
  name,
  caller: null,
  kind: 'bench',
  isUnix,
  isDatagram,
  isServed: false,
  isOnlyEnd: false,
})

export function keyOf({ name, caller }: Sock): string {
  return caller === null ? name : `${name}[${caller}]`
}

/** The file that a bound Unix socket leaves behind; null where it has an abstract name, or none, or no path at all (unix(7)). */
export function fileOf({ address }: End): Words | null {
  if (!('path' in address)) return null
  const path = fixed(address.path) ?? 'x'
  return path === '' || path.startsWith('@') ? null : address.path
}

/** Others whose port an end that is a program by itself takes from its command line: those that its own address does not stand for. */
export function othersAsked({ referred, only }: Plan, own: End): readonly string[] {
  const isDialled = own.kind === 'dialled' || (own.kind === 'datagram' && own.isConnected)
  const inAddress = wordsIn(own.address)
    .flatMap(laterIn)
    .flatMap((each) => ('of' in each ? [each.of] : []))
  return [...referred].filter((of) => of !== only && !(isDialled && inAddress.includes(of)))
}

import { type Fault } from './fault'
import {
  type BenchFamily,
  type BenchFlag,
  type BenchProtocol,
  type BenchSide,
  type BenchType,
  type PlainCall,
} from './bench'
import { type SocketId } from './ids'
import { type KernelField } from './kernelFields'
import { type DialOptions, type ListenOptions, type UdpOptions } from './options'

/** The version of the form that this program reads. */
export const EXPERIMENT_VERSION = 1

/** What a step waits for if it does not say: `within` is absent. */
export const DEFAULT_WITHIN_MS = 5000
/** How long `nothing: true` listens for silence if it does not say. */
export const DEFAULT_SILENCE_MS = 1000
/** How long a call is watched that is to block, if the step does not say. */
export const DEFAULT_BLOCKS_MS = 300

/** How much one file may hold. */
export const MAX_FILE_BYTES = 1_000_000
export const MAX_ENDPOINTS = 256
export const MAX_STEPS = 10_000

/** An experiment as its file describes it, checked. */
export interface Experiment {
  readonly name: string
  readonly about: string
  readonly endpoints: readonly ExperimentEndpoint[]
  readonly steps: readonly ExperimentStep[]
}

export type ExperimentEndpoint = ListeningEndpoint | DiallingEndpoint | DatagramEndpoint

interface NamedEndpoint {
  readonly name: string
  /** The address as written; `{server.port}` in it stands for what another endpoint is bound to. */
  readonly address: string
}

export interface ListeningEndpoint extends NamedEndpoint {
  readonly kind: 'listener'
  readonly behaviour: string
  readonly options: ListenOptions
}

export interface DiallingEndpoint extends NamedEndpoint {
  readonly kind: 'dialled'
  readonly options: DialOptions
}

/** A UDP socket: bound to the address, or with `isConnected` connected to it. */
export interface DatagramEndpoint extends NamedEndpoint {
  readonly kind: 'udp'
  readonly isConnected: boolean
  readonly behaviour: string
  readonly options: UdpOptions
}

/** An endpoint as a step names it: `server`, or with `server[2]` the second caller that it accepted. */
export interface EndpointName {
  readonly name: string
  /** Counted from 1; null where the last caller, or the endpoint itself, is meant. */
  readonly caller: number | null
}

/** What a send carries. */
export type Payload =
  | { readonly is: 'text' | 'hex'; readonly bytes: Uint8Array }
  /** Relative to the experiment's folder, in which it must lie. */
  | { readonly is: 'file'; readonly path: string }

export type ExpectedEnd = 'fin' | 'reset'

export type Expectation =
  | { readonly is: 'text' | 'hex'; readonly bytes: Uint8Array }
  /** As a pattern over bytes sees it: source and flags. */
  | { readonly is: 'regex'; readonly written: string; readonly source: string; readonly flags: string }
  | { readonly is: 'length'; readonly lengthBytes: number }
  /** `isExact`: some step expects bytes of this endpoint, so that all that came before the end must have been expected. */
  | { readonly is: 'closed'; readonly how: ExpectedEnd; readonly isExact: boolean }
  | { readonly is: 'error'; readonly code: string }
  | { readonly is: 'nothing' }
  /** So many callers wait in a listener's accept queue. */
  | { readonly is: 'queue'; readonly length: number }
  /** Nobody has answered the dial, for as long as the step lasts. */
  | { readonly is: 'dialling' }
  /** What the kernel says of the socket comes to this, within the step's time: `unacked: '> 0'`. */
  | { readonly is: 'kernel'; readonly fields: readonly KernelExpectation[] }

/** A number of the kernel's, compared. */
export interface KernelExpectation {
  readonly field: KernelField
  readonly how: '=' | '>' | '>=' | '<' | '<='
  readonly number: number
}

/** What a machine must be, or have, for a step to be taken; `isNot` turns it around. */
export const conditionNames = [
  'linux',
  'macos',
  'windows',
  /** The system's calls can be made: the native library is there. */
  'native',
  /** ::1 can be bound. */
  'ipv6',
  /** It has an IPv4 address besides those of loopback: `{machine.lan}`. */
  'lan',
  /** This program may bind ports under 1024. */
  'low-ports',
  /** This program may make raw sockets. */
  'raw',
  /** Permissions of files do not hold for this program. */
  'superuser',
] as const
export type ConditionName = (typeof conditionNames)[number]
export interface Condition {
  readonly name: ConditionName
  readonly isNot: boolean
}

/** An argument of a call that is known only when the step is taken. */
export type ScriptedAddress =
  /** `{server.port}` and the like may stand in the host, the port or the path. */
  | { readonly is: 'tuple'; readonly host: string; readonly port: string }
  | { readonly is: 'path'; readonly path: string }
  /** `server.getsockname()`, of a socket that a call has made. */
  | { readonly is: 'getsockname'; readonly of: string }

/** One call on the syscall bench, as its line of Python has it: `line, peer = phone.accept()`. */
export type ScriptedCall =
  | {
      readonly call: 'socket'
      readonly family: BenchFamily
      readonly type: BenchType
      readonly protocol: BenchProtocol
    }
  | {
      readonly call: 'bind' | 'connect' | 'connect_ex'
      readonly on: string
      readonly address: ScriptedAddress
    }
  | {
      readonly call: 'sendto'
      readonly on: string
      readonly bytes: Uint8Array
      readonly flags: readonly BenchFlag[]
      readonly address: ScriptedAddress
    }
  | {
      readonly call: 'send' | 'sendall'
      readonly on: string
      readonly bytes: Uint8Array
      readonly flags: readonly BenchFlag[]
    }
  | {
      readonly call: 'recv' | 'recvfrom'
      readonly on: string
      readonly bufsize: number
      readonly flags: readonly BenchFlag[]
    }
  | { readonly call: 'listen'; readonly on: string; readonly backlog: number }
  | { readonly call: 'shutdown'; readonly on: string; readonly how: BenchSide }
  | { readonly call: 'setblocking'; readonly on: string; readonly flag: boolean }
  | { readonly call: 'settimeout'; readonly on: string; readonly seconds: number | null }
  | {
      readonly call: 'setsockopt'
      readonly on: string
      readonly option: string
      /** Several are a structure of ints, as `struct.pack("ii", 1, 0)`. */
      readonly value: number | readonly number[]
    }
  | { readonly call: 'getsockopt'; readonly on: string; readonly option: string }
  | { readonly call: PlainCall; readonly on: string }

/** What Python raises where a socket's timeout is over: it has no errno. */
export const TIMEOUT_ERROR = 'TimeoutError'

/** What a call is to give: its value as Python prints it, or the name of an errno. */
export type CallExpectation =
  | { readonly is: 'gives'; readonly text: string }
  /** An errno, or `TIMEOUT_ERROR`. */
  | { readonly is: 'raises'; readonly code: string }
  /** It does not return for as long as the step lasts, and stays under way. */
  | { readonly is: 'blocks' }
  /** It is made again and again until it fails with this errno; its value is the sum of what it gave. */
  | { readonly is: 'until'; readonly code: string }

/** Acts that need no more than the endpoint's name. */
export const plainActs = ['close', 'reset', 'pause', 'resume'] as const
export type PlainAct = (typeof plainActs)[number]

interface StepPlace {
  /** Where it begins in the file, counted from 1. */
  readonly line: number
  readonly withinMs: number
  /** What the step comes to is kept under this name, for the text of a lesson: `{fitted}`. */
  readonly as?: string
  /** How long the step took is kept under this name. */
  readonly took?: string
  /** The step is left out on a machine of which one of these does not hold. */
  readonly where?: readonly Condition[]
}

export type ExperimentStep = StepPlace &
  (
    | {
        readonly act: 'open'
        readonly at: EndpointName
        /** The next step about it expects an error: its failure is left to that step. */
        readonly mayFail: boolean
      }
    | {
        readonly act: 'send'
        readonly at: EndpointName
        readonly payload: Payload
        /** Datagrams: where to, as written; null for the connected peer, or whoever sent last. */
        readonly to: string | null
      }
    | { readonly act: 'expect'; readonly at: EndpointName; readonly expectation: Expectation }
    | { readonly act: 'wait'; readonly forMs: number }
    | { readonly act: PlainAct | 'shutdown'; readonly at: EndpointName }
    /** One accept(2) of a listener that accepts manually. */
    | { readonly act: 'accept'; readonly at: EndpointName }
    /** Nothing is done: the steps from here to the next part belong together, and a lesson has a text for them. */
    | { readonly act: 'part'; readonly name: string }
    /** Reads one number of the kernel's. */
    | { readonly act: 'look'; readonly at: EndpointName; readonly field: KernelField }
    /** Whatever is sent to it from here on is lost on the way, as if its cable were pulled out. */
    | { readonly act: 'unplug'; readonly at: EndpointName }
    /** It hears again. */
    | { readonly act: 'plug'; readonly at: EndpointName }
    /** Of a file in the run's own folder; `path` as written, with `{temp.path}`. */
    | { readonly act: 'unlink'; readonly path: string }
    | { readonly act: 'chmod'; readonly path: string; readonly mode: number }
    | {
        readonly act: 'call'
        /** As written. */
        readonly source: string
        readonly of: ScriptedCall
        /** The names on the left of `=`: the first is the socket that it makes, or the value that it gives. */
        readonly names: readonly string[]
        readonly expected: CallExpectation | null
      }
    /** A call that blocked has come back. `on`: the socket that it was made on. */
    | { readonly act: 'returns'; readonly on: string; readonly expected: CallExpectation | null }
  )

/** Steps that are about no endpoint of the file. */
export type PlacelessStep = Extract<
  ExperimentStep,
  { act: 'wait' | 'part' | 'call' | 'returns' | 'unlink' | 'chmod' }
>

/** One thing that is wrong with an experiment's file. */
export interface ExperimentProblem {
  /** Counted from 1. */
  readonly line: number
  readonly column: number
  /** Where in the structure: `steps[3].within`; empty where it is the whole. */
  readonly key: string
  /** What is wrong, what was found, what was expected: one sentence. */
  readonly message: string
}

/** More are not told: whoever mends these sees the next. */
export const MAX_PROBLEMS = 20

/** `call.yaml:12:5: steps[3].within: …`, as compilers and editors write it. */
export function problemText(file: string, { line, column, key, message }: ExperimentProblem): string {
  return `${file}:${line}:${column}: ${key === '' ? '' : `${key}: `}${message}`
}

/** Where what came departs from what was expected. Offsets count from the first byte that this step expected. */
export interface Difference {
  /** The first byte that is another, or is missing. */
  readonly offset: number
  /** Some bytes around it, from offset `from` on, as hex digits. */
  readonly from: number
  readonly expected: string
  readonly actual: string
  readonly expectedBytes: number
  /** How many came. */
  readonly actualBytes: number
  /** So many of the expected bytes are missing from `offset` on; or, below 0, so many came there in addition. What follows is as expected. */
  readonly missingBytes?: number | undefined
}

/** `skipped`: left out, as something of its `where` does not hold here. */
export type StepPhase = 'waiting' | 'running' | 'passed' | 'failed' | 'skipped'

/** What came of a step. */
export interface StepOutcome {
  readonly phase: StepPhase
  readonly tookMs: number
  /** What happened, in a few words: `listening on tcp://127.0.0.1:8060`. */
  readonly note: string
  readonly fault?: Fault | undefined
  readonly difference?: Difference | undefined
  /** What was measured, by the names that a lesson's text has for it: `server.port`, `fitted`. */
  readonly values?: Readonly<Record<string, string>> | undefined
  /** The sockets that it was about. */
  readonly sockets?: readonly SocketId[] | undefined
}

export const waitingOutcome: StepOutcome = { phase: 'waiting', tookMs: 0, note: '' }

/** `ready`: nothing runs; some steps may have been taken one by one. `ending`: its sockets are being closed. */
export type RunPhase = 'ready' | 'running' | 'ending' | 'passed' | 'failed' | 'cancelled'

/** How far a run is. Steps before `done` have passed; the next one may be under way or have failed. */
export interface RunStatus {
  readonly experiment: number
  readonly phase: RunPhase
  readonly done: number
  readonly isStepRunning: boolean
  readonly tookMs: number
}

/** An experiment as a window shows it. */
export interface ShownExperiment {
  readonly experiment: number
  /** The file's name without its folder. */
  readonly file: string
  readonly name: string
  readonly about: string
  readonly endpoints: readonly { readonly name: string; readonly text: string }[]
  readonly steps: readonly ShownStep[]
  /** What is known of the machine before any step: `machine.lan`. */
  readonly machine: Readonly<Record<string, string>>
  /** What is wrong with the file. While there is something, there are no steps. */
  readonly problems: readonly ExperimentProblem[]
}

export interface ShownStep {
  readonly line: number
  readonly act: string
  readonly at: string
  readonly detail: string
}

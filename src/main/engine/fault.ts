import { getSystemErrorMap } from 'node:util'
import { type Fault, FaultError, fault, type Remedy, type Reply } from '../../shared/model/fault'
import { holderOf } from './posix/holder'
import { hintOf, type HintKind, meaningOf } from './hints'

/** What the caller knows about the failed call and the error itself does not tell. */
export interface FaultContext {
  /** The endpoint as the user wrote it. */
  readonly endpoint?: string | undefined
  /** Used when the error names no call of its own. */
  readonly syscall?: string | undefined
  readonly kind?: HintKind | undefined
  readonly remedy?: Remedy | undefined
}

/** How a sentence about the call begins. */
const acts: Readonly<Record<string, string>> = {
  accept: 'Accepting on',
  addMembership: 'Joining a group on',
  bind: 'Binding',
  connect: 'Dialling',
  dropMembership: 'Leaving a group on',
  getaddrinfo: 'Looking up',
  getsockopt: 'Reading an option of',
  listen: 'Listening on',
  open: 'Opening',
  read: 'Reading from',
  chmod: 'Setting the mode of',
  recvmsg: 'Receiving on',
  send: 'Sending to',
  setsockopt: 'Setting an option of',
  shutdown: 'Half-closing',
  socket: 'Opening a socket for',
  stat: 'Looking for',
  unlink: 'Removing',
  write: 'Writing to',
}

/** The fields that Node puts on its errors (https://nodejs.org/api/errors.html#class-systemerror); each may be missing. */
interface NodeError {
  readonly code?: unknown
  readonly syscall?: unknown
  readonly address?: unknown
  readonly port?: unknown
  readonly hostname?: unknown
}

/**
 * Makes a fault of whatever was thrown or emitted. The only place that reads Node's errors.
 * A dial that tried several addresses fails with an AggregateError, whose own message is empty: it becomes one fault with `attempts`.
 */
export function toFault(error: unknown, context: FaultContext = {}): Fault {
  if (error instanceof FaultError) return error.fault
  if (error instanceof AggregateError && error.errors.length > 0) return ofAttempts(error, context)
  const { code, syscall, hostname } = (typeof error === 'object' && error !== null ? error : {}) as NodeError
  if (typeof code !== 'string') return bug(error, context)
  // Node's own checks of arguments: nothing was asked of the kernel.
  if (code.startsWith('ERR_')) {
    const isArgument =
      /^ERR_(INVALID_ARG|OUT_OF_RANGE|SOCKET_BAD_PORT|SOCKET_BAD_TYPE|INVALID_ADDRESS|INVALID_IP|MISSING_ARGS)/.test(
        code,
      )
    return isArgument
      ? fault('SB_INPUT', `${messageOf(error)}.`.replace('..', '.'), { endpoint: context.endpoint })
      : bug(error, context)
  }
  const call = typeof syscall === 'string' ? syscall : context.syscall
  const target = typeof hostname === 'string' ? `"${hostname}"` : (context.endpoint ?? addressOf(error))
  return ofCode(code, call, target, context)
}

/** A fault for an errno that came without an error object. */
export function codeFault(code: string, syscall: string, context: FaultContext = {}): Fault {
  return ofCode(code, syscall, context.endpoint, context)
}

function ofCode(
  code: string,
  syscall: string | undefined,
  target: string | undefined,
  context: FaultContext,
): Fault {
  const act = syscall === undefined ? 'The call' : (acts[syscall] ?? `The call ${syscall} for`)
  const subject = target === undefined ? act.replace(/ (on|from|to|of|for)$/, '') : `${act} ${target}`
  return {
    code,
    syscall,
    endpoint: context.endpoint ?? target,
    summary: `${subject} failed: ${meaningOf(code) ?? systemMeaning(code)}.`,
    hint: syscall === undefined ? undefined : hintOf(syscall, code, context.kind),
    ...(context.remedy === undefined ? {} : { remedy: context.remedy }),
  }
}

function ofAttempts(error: AggregateError, context: FaultContext): Fault {
  const attempts = error.errors.map((each) =>
    toFault(each, { ...context, endpoint: addressOf(each) ?? context.endpoint }),
  )
  const first = attempts[0]
  if (first === undefined) return bug(error, context)
  const isSame = attempts.every((each) => each.code === first.code)
  return {
    ...first,
    endpoint: context.endpoint,
    summary:
      isSame && context.endpoint !== undefined
        ? `Dialling ${context.endpoint} failed: ${meaningOf(first.code) ?? first.code} at each of its ${attempts.length} addresses.`
        : attempts.map((each) => each.summary).join(' '),
    attempts,
  }
}

function bug(error: unknown, context: FaultContext): Fault {
  return fault('SB_BUG', `Switchboard made a mistake: ${messageOf(error)}`, {
    syscall: context.syscall,
    endpoint: context.endpoint,
    hint: 'This is a defect of Switchboard; please report it with what you did.',
  })
}

function addressOf(error: unknown): string | undefined {
  const { address, port } = error as NodeError
  if (typeof address !== 'string') return undefined
  if (typeof port !== 'number') return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

let systemMeanings: ReadonlyMap<string, string> | null = null

function systemMeaning(code: string): string {
  systemMeanings ??= new Map(getSystemErrorMap().values())
  return systemMeanings.get(code) ?? code
}

/** Says who holds the port, where that can be told. */
export async function explainPort(of: Fault, kind: 'tcp' | 'udp', port: number): Promise<Fault> {
  if (of.code !== 'EADDRINUSE') return of
  const holder = await holderOf(kind, port)
  if (holder === null) return of
  const who =
    holder.pid === process.pid
      ? 'Switchboard itself holds it'
      : `${holder.program} (process ${holder.pid}) holds it`
  return { ...of, hint: `${who}. Close that socket, or choose another port (0 lets the kernel choose).` }
}

function failed(of: Fault): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: of }
}

/** Runs what may throw and answers a reply instead: the edge behind which nothing is thrown. */
export function attempt<T>(act: () => T, context: FaultContext = {}): Reply<T> {
  try {
    return { ok: true, value: act() }
  } catch (error) {
    return failed(toFault(error, context))
  }
}

/** `attempt` for what takes its time. */
export async function attemptLater<T>(act: () => Promise<T>, context: FaultContext = {}): Promise<Reply<T>> {
  try {
    return { ok: true, value: await act() }
  } catch (error) {
    return failed(toFault(error, context))
  }
}

/**
 * A failure as data. It crosses threads, IPC and files without losing a field.
 * Only `main/engine/fault.ts` makes one from a Node error; ours carry codes that begin with `SB_`.
 */
export interface Fault {
  /** The errno name (`ECONNREFUSED`), a resolver's code (`ENOTFOUND`), or `SB_*` for ours. */
  readonly code: string
  /** The call that failed, as Node names it: connect, listen, bind, accept, send, read, write, shutdown, getaddrinfo, open … */
  readonly syscall?: string | undefined
  /** The endpoint as the user wrote it, or the address that was tried. */
  readonly endpoint?: string | undefined
  /** One sentence: what was tried and what came of it. */
  readonly summary: string
  /** What to try next. */
  readonly hint?: string | undefined
  /** For a dial that tried several addresses: one fault for each. */
  readonly attempts?: readonly Fault[] | undefined
  /** An act that the window can offer as a button, never done unasked. */
  readonly remedy?: Remedy | undefined
}

/** What can be offered to mend a fault. */
export interface Remedy {
  readonly act: 'removeStaleSocket'
  readonly path: string
}

export type SwitchboardCode =
  /** Input that makes no sense: an address, a payload, an option. */
  | 'SB_INPUT'
  /** The id names nothing (any more). */
  | 'SB_UNKNOWN'
  /** The socket is in a phase in which this cannot be done. */
  | 'SB_STATE'
  /** This system or build cannot do it. */
  | 'SB_UNSUPPORTED'
  /** The user, or the end of the program, stopped it. */
  | 'SB_CANCELLED'
  /** The capture cannot be written or read. */
  | 'SB_CAPTURE'
  /** A capture of another program, which can be imported. */
  | 'SB_FOREIGN'
  /** Somebody else has it: a recording goes on in the file. */
  | 'SB_BUSY'
  /** A file of a later version. */
  | 'SB_NEWER'
  /** It may be read and not be written. */
  | 'SB_PERMISSION'
  /** A defect of ours. */
  | 'SB_BUG'

/** A fault of ours. @param more hint, endpoint, syscall, remedy. */
export function fault(
  code: SwitchboardCode,
  summary: string,
  more: Omit<Fault, 'code' | 'summary'> = {},
): Fault {
  return { code, summary, ...more }
}

/** An error that carries a fault, for code that throws within one layer. It never crosses a layer's edge. */
export class FaultError extends Error {
  readonly fault: Fault
  constructor(of: Fault) {
    super(of.summary)
    this.name = 'FaultError'
    this.fault = of
  }
}

/** One line for a log or a terminal: `connect ECONNREFUSED tcp://127.0.0.1:1: summary (hint)`. */
export function describeFault(of: Fault): string {
  const head = [of.syscall, of.code].filter(Boolean).join(' ')
  return `${head}: ${of.summary}${of.hint === undefined ? '' : ` ${of.hint}`}`
}

/** Every outcome that can fail: `{ok: true, value} | {ok: false, fault}`. Thrown errors lose their fields across IPC. */
export type Reply<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault }

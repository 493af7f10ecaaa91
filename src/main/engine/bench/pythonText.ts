import { type BenchAct, type BenchAddress, type BenchMode, variableOf } from '../../../shared/model/bench'
import { type BenchSocketId } from '../../../shared/model/ids'
import { type Address } from '../posix/sockaddr'
import { type Outcome } from './callerMessages'
import { errnoOf } from './errnos'

/** Bytes of a value that the log shows. */
const MOST_SHOWN = 120
/** Bytes that a line of Python spells out; longer ones are told as a repetition, or as their number. */
const MOST_SPELT = 4096
const MOST_PERIOD = 64

/** repr() of bytes: double quotes only where there are single ones and no double ones. */
export function pythonBytes(bytes: Uint8Array): string {
  const hasSingle = bytes.includes(0x27)
  const quote = hasSingle && !bytes.includes(0x22) ? '"' : "'"
  let text = ''
  for (const byte of bytes) {
    if (byte === 0x09) text += '\\t'
    else if (byte === 0x0a) text += '\\n'
    else if (byte === 0x0d) text += '\\r'
    else if (byte === 0x5c) text += '\\\\'
    else if (byte === 0x27 && quote === "'") text += "\\'"
    else if (byte < 0x20 || byte >= 0x7f) text += `\\x${byte.toString(16).padStart(2, '0')}`
    else text += String.fromCharCode(byte)
  }
  return `b${quote}${text}${quote}`
}

/** An expression that gives these bytes. */
function bytesExpression(bytes: Uint8Array): string {
  if (bytes.length <= 64) return pythonBytes(bytes)
  const period = periodOf(bytes)
  if (period !== null) {
    const rest = bytes.length % period
    const tail = rest === 0 ? '' : ` + ${pythonBytes(bytes.subarray(0, rest))}`
    return `${pythonBytes(bytes.subarray(0, period))} * ${Math.floor(bytes.length / period)}${tail}`
  }
  if (bytes.length <= MOST_SPELT) return pythonBytes(bytes)
  return `bytes(${bytes.length})  # these ${bytes.length} bytes are in the recording`
}

function periodOf(bytes: Uint8Array): number | null {
  for (let period = 1; period <= MOST_PERIOD; period++) {
    let at = period
    while (at < bytes.length && bytes[at] === bytes[at - period]) at++
    if (at === bytes.length) return period
  }
  return null
}

function text(value: string): string {
  const escaped = [...value]
    .map((each) => {
      const code = each.codePointAt(0) ?? 0
      if (each === "'" || each === '\\') return `\\${each}`
      return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : each
    })
    .join('')
  return `'${escaped}'`
}

/** As the socket module takes addresses, and gives them. */
export function pythonAddress(address: Address | BenchAddress): string {
  switch (address.family) {
    case 'AF_INET':
      return `(${text(address.host)}, ${address.port})`
    case 'AF_INET6': {
      const flow = 'flow' in address ? (address.flow ?? 0) : 0
      return `(${text(address.host)}, ${address.port}, ${flow}, ${address.scope ?? 0})`
    }
    case 'AF_UNIX':
      return address.path.startsWith('@')
        ? pythonBytes(Buffer.from(`\0${address.path.slice(1)}`))
        : text(address.path)
  }
}

/** Of an argument: what the call fills in by itself is left away. */
function addressArgument(address: BenchAddress): string {
  if (address.family === 'AF_INET6' && (address.scope ?? 0) === 0)
    return `(${text(address.host)}, ${address.port})`
  return pythonAddress(address)
}

function flagsArgument(flags: readonly string[]): string {
  return flags.map((flag) => `socket.${flag}`).join(' | ')
}
const withFlags = (first: string, flags: readonly string[]): string =>
  flags.length === 0 ? first : `${first}, ${flagsArgument(flags)}`

/**
 * The line of Python for a call. @param made the socket that it makes, if it is one of those calls
 * @param hasFile whether makefile was called on the socket
 */
export function pythonLine(act: BenchAct, made: BenchSocketId | null, hasFile = false): string {
  if (act.call === 'socket') {
    const protocol = act.protocol === '0' ? '' : `, socket.${act.protocol}`
    const name = made === null ? '' : `${variableOf(made)} = `
    return `${name}socket.socket(socket.${act.family}, socket.${act.type}${protocol})`
  }
  const s = variableOf(act.socket)
  switch (act.call) {
    case 'bind':
    case 'connect':
      return `${s}.${act.call}(${addressArgument(act.address)})`
    case 'connect_ex':
      return `errno = ${s}.connect_ex(${addressArgument(act.address)})`
    case 'listen':
      return `${s}.listen(${act.backlog})`
    case 'accept':
      return made === null ? `${s}.accept()` : `${variableOf(made)}, peer = ${s}.accept()`
    case 'recv':
      return `data = ${s}.recv(${withFlags(String(act.bufsize), act.flags)})`
    case 'recvfrom':
      return `data, peer = ${s}.recvfrom(${withFlags(String(act.bufsize), act.flags)})`
    case 'send':
      return `n = ${s}.send(${withFlags(bytesExpression(act.bytes), act.flags)})`
    case 'sendall':
      return `${s}.sendall(${withFlags(bytesExpression(act.bytes), act.flags)})`
    case 'sendto':
      return `n = ${s}.sendto(${withFlags(bytesExpression(act.bytes), act.flags)}, ${addressArgument(act.address)})`
    case 'shutdown':
      return `${s}.shutdown(socket.${act.how})`
    case 'setblocking':
      return `${s}.setblocking(${act.flag ? 'True' : 'False'})`
    case 'settimeout':
      return `${s}.settimeout(${act.seconds === null ? 'None' : act.seconds})`
    case 'setsockopt': {
      const value = typeof act.value === 'number' ? String(act.value) : pythonBytes(act.value)
      return `${s}.setsockopt(${optionArgument(act.option)}, ${value})`
    }
    case 'getsockopt':
      return `${s}.getsockopt(${optionArgument(act.option)})`
    case 'makefile':
      return `${s}_file = ${s}.makefile('rb')`
    case 'readline':
      return `line = ${s}_file.readline()`
    case 'close':
      // As long as a file of makefile is open, Python keeps the descriptor.
      return hasFile ? `${s}_file.close(); ${s}.close()` : `${s}.close()`
    case 'getpeername':
    case 'getsockname':
    case 'gettimeout':
    case 'fileno':
      return `${s}.${act.call}()`
  }
}

function optionArgument(option: string): string {
  return `socket.${levelOf(option)}, socket.${option}`
}

function levelOf(option: string): string {
  if (option.startsWith('SO_')) return 'SOL_SOCKET'
  return `IPPROTO_${option.slice(0, option.indexOf('_'))}`
}

/** What a value looks like in Python. */
export function pythonValue(
  act: BenchAct,
  outcome: Extract<Outcome, { kind: 'value' }>,
  mode: BenchMode | undefined,
): string {
  const { number = 0, bytes, address } = outcome
  switch (act.call) {
    case 'socket':
      return `<socket fd=${number}>`
    case 'accept':
      return `(<socket fd=${number}>, ${peer(address)})`
    case 'recv':
    case 'readline':
      return shownBytes(bytes)
    case 'recvfrom':
      return `(${shownBytes(bytes)}, ${peer(address)})`
    case 'getsockname':
    case 'getpeername':
      return peer(address)
    case 'send':
    case 'sendto':
    case 'connect_ex':
    case 'fileno':
      return String(number)
    case 'gettimeout':
      return mode?.kind === 'timeout' ? float(mode.seconds) : mode?.kind === 'nonBlocking' ? '0.0' : 'None'
    case 'makefile':
      return '<_io.BufferedReader>'
    case 'getsockopt':
      return bytes === undefined ? String(number) : shownBytes(bytes)
    default:
      return 'None'
  }
}

function float(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

function peer(address: Address | null | undefined): string {
  return address === null || address === undefined ? 'None' : pythonAddress(address)
}

function shownBytes(bytes: Uint8Array = new Uint8Array(0)): string {
  if (bytes.length <= MOST_SHOWN) return pythonBytes(bytes)
  return `${pythonBytes(bytes.subarray(0, MOST_SHOWN))}… (${bytes.length} bytes)`
}

/** Which exception an errno is (PEP 3151); all others are OSError itself. */
const exceptions: Readonly<Record<string, string>> = {
  EAGAIN: 'BlockingIOError',
  EALREADY: 'BlockingIOError',
  EINPROGRESS: 'BlockingIOError',
  ECHILD: 'ChildProcessError',
  EPIPE: 'BrokenPipeError',
  ESHUTDOWN: 'BrokenPipeError',
  ECONNABORTED: 'ConnectionAbortedError',
  ECONNREFUSED: 'ConnectionRefusedError',
  ECONNRESET: 'ConnectionResetError',
  EEXIST: 'FileExistsError',
  ENOENT: 'FileNotFoundError',
  EINTR: 'InterruptedError',
  EISDIR: 'IsADirectoryError',
  ENOTDIR: 'NotADirectoryError',
  EACCES: 'PermissionError',
  EPERM: 'PermissionError',
  ESRCH: 'ProcessLookupError',
  ETIMEDOUT: 'TimeoutError',
}

export function pythonException(outcome: Exclude<Outcome, { kind: 'value' }>): string {
  switch (outcome.kind) {
    case 'timedOut':
      return 'TimeoutError: timed out'
    case 'timedOutBefore':
      return 'OSError: cannot read from timed out object'
    case 'cancelled':
      // What Ctrl-C raises in a call that blocks: EINTR, and no second try (PEP 475).
      return 'KeyboardInterrupt'
    case 'failed': {
      const { number, message } = errnoOf(outcome.errno)
      return `${exceptions[outcome.errno] ?? 'OSError'}: [Errno ${number}] ${message}`
    }
  }
}

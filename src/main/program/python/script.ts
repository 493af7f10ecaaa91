import { fixed, type Address, type Piece, type Words } from '../plan/addresses'
import { type Plan, type Sock } from '../plan/plan'
import { ProgramScript, Timeouts } from '../script'
import { Names, snake } from '../names'
import { escaped, hexEscape, repeated, slices } from '../bytesText'
import { commentLines, Page } from '../page'
import { pythonHelpers } from './helpers'

const KEYWORDS =
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'
const OTHERS =
  'main stack host port path data family kind protocol address gave total errno socket sys os re time threading queue struct fcntl termios codecs contextlib select ctypes tempfile pathlib temp lan list len bytes int str print open range type min max sum input id file match case datetime'

/** A Python program while it is written: its lines, and what they need. */
export class Script extends ProgramScript {
  readonly page = new Page('    ')
  /** Functions that answer, before `main`. */
  readonly functions = new Page('    ')
  /** Variables of main's that its threads need. */
  readonly shared = new Set<string>()
  /** Calls that are under way, by the socket that they were made on. */
  readonly blocked = new Map<
    string,
    { readonly variable: string; readonly targets: readonly string[]; readonly isAccept: boolean }
  >()
  readonly #timeouts = new Timeouts()

  constructor(plan: Plan) {
    const taken = [...KEYWORDS.split(' '), ...OTHERS.split(' '), ...Object.keys(pythonHelpers), 'Call']
    super(plan, pythonHelpers, new Names(taken, snake), ['socket', 'sys'])
  }

  /** The name of a module that is used. */
  module(name: string): string {
    this.imports.add(name)
    return name
  }

  /** A socket that a call has made. */
  bench(name: string): string {
    return this.of(name)
  }

  /** A variable that reads: a served caller is a `Caller`. */
  sender(sock: Sock): string {
    return sock.isServed && sock.kind === 'stream' ? `${this.variable(sock)}.conn` : this.variable(sock)
  }

  comment(text: string): void {
    for (const each of commentLines(text, '# ')) this.page.line(each)
  }

  /** Reads of a socket give up after so long, from here on. */
  timeout(sock: Sock, ms: number): void {
    if (!this.#timeouts.set(sock, ms)) return
    this.page.line(
      `${this.variable(sock)}.settimeout(${secondsOf(ms)})`,
      'From here on what waits on this socket gives up after so many seconds, with a TimeoutError.',
    )
  }

  /** It has this timeout already, or (null) none that is known. */
  hasTimeout(sock: Sock, ms: number | null): void {
    if (ms === null) this.#timeouts.forget(sock)
    else this.#timeouts.set(sock, ms)
  }

  text(words: Words): string {
    const whole = fixed(words)
    if (whole !== null) return quoted(whole)
    const [only] = words
    if (words.length === 1 && only !== undefined && typeof only !== 'string') {
      const value = this.#piece(only)
      return 'of' in only && only.part === 'port' ? `str(${value})` : value
    }
    const pieces = words.map((each) =>
      typeof each === 'string'
        ? quoted(each).slice(1, -1).replace(/[{}]/g, '$&$&')
        : `{${this.#piece(each)}}`,
    )
    return `f"${pieces.join('')}"`
  }

  number(words: Words): string {
    const whole = fixed(words)
    if (whole !== null) return String(Number(whole))
    const [only] = words
    return words.length === 1 && only !== undefined && typeof only !== 'string'
      ? this.#piece(only)
      : `int(${this.text(words)})`
  }

  #piece(piece: Exclude<Piece, string>): string {
    if ('of' in piece) return this.bound(piece.of, piece.part)
    return piece.is
  }

  /** The address as bind and connect take it. */
  address(address: Address): string {
    switch (address.kind) {
      case 'tcp':
      case 'udp':
        return `(${this.text(address.host)}, ${this.number(address.port)})`
      case 'raw':
        return `(${this.text(address.host)}, 0)`
      case 'unix':
      case 'unixgram':
        return this.unixPath(address.path)
    }
  }

  /** An abstract name begins with a NUL byte (unix(7)). */
  unixPath(path: Words): string {
    const [first] = path
    if (typeof first !== 'string' || !first.startsWith('@')) return this.text(path)
    if (path.length === 1 && first === '@') return '""'
    return this.text([`\0${first.slice(1)}`, ...path.slice(1)])
  }

  bytes(bytes: Uint8Array): string {
    const same = repeated(bytes)
    if (same !== null) return `b${escaped(Uint8Array.of(same), hexEscape)} * ${bytes.length}`
    if (bytes.length <= 72) return `b${escaped(bytes, hexEscape)}`
    // Literals beside each other are one.
    const pieces = slices(bytes, 64).map((each) => `b${escaped(each, hexEscape)}`)
    return `(\n${pieces.map((each) => `    ${each}`).join('\n')}\n)`
  }
}

export const secondsOf = (ms: number): string => String(ms / 1000)

export function quoted(text: string): string {
  return `"${[...text]
    .map((each) =>
      each === '"' || each === '\\'
        ? `\\${each}`
        : each === '\n'
          ? '\\n'
          : each < ' '
            ? `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`
            : each,
    )
    .join('')}"`
}

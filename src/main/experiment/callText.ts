import {
  benchFamilies,
  benchFlags,
  benchProtocols,
  benchSides,
  benchTypes,
  plainCalls,
} from '../../shared/model/bench'
import { type ScriptedAddress, type ScriptedCall } from '../../shared/model/experiment'
import { nearest } from './nearest'

/** A line of Python that makes one socket call. */
export interface CallText {
  /** Left of `=`. */
  readonly names: readonly string[]
  readonly of: ScriptedCall
}

/** What is wrong with a line; a sentence without its subject, as complaints are. */
export class CallTextError extends Error {}

/** So many bytes may one `b"x" * N` come to. */
const MAX_BYTES = 16 * 1024 * 1024
const MAX_BUFSIZE = 16 * 1024 * 1024

const calls = [
  ...['socket', 'bind', 'connect', 'connect_ex', 'listen', 'recv', 'recvfrom', 'send', 'sendall', 'sendto'],
  ...['shutdown', 'setblocking', 'settimeout', 'setsockopt', 'getsockopt'],
  ...plainCalls,
] as const

/**
 * Reads `line, peer = phone.accept()`. A part of Python, of which a call's line is one: names, whole and decimal numbers, strings,
 * bytes (also `b"x" * 1000`), addresses as tuples, constants of the socket module with or without `socket.` before them.
 * Throws a `CallTextError`.
 */
export function parseCall(text: string): CallText {
  const line = new Line(text)
  const { names, on, call } = line.head()
  const of = readCall(line, on, call)
  line.end()
  const makes = call === 'socket' || call === 'accept'
  if (makes && names.length === 0)
    throw new CallTextError(`makes a socket that has no name: write NAME = ${text.trim()}`)
  return { names, of }
}

function readCall(line: Line, on: string | null, call: string): ScriptedCall {
  if (call === 'socket') {
    const family = line.constant(benchFamilies)
    line.comma()
    const type = line.constant(benchTypes)
    const protocol = line.more() ? line.constant(benchProtocols) : '0'
    return { call, family, type, protocol }
  }
  if (on === null) throw new CallTextError(`is made on a socket: write NAME.${call}(…)`)
  switch (call) {
    case 'bind':
    case 'connect':
    case 'connect_ex':
      return { call, on, address: line.address() }
    case 'listen':
      return { call, on, backlog: line.whole(-1, 2 ** 31 - 1) }
    case 'recv':
    case 'recvfrom':
      return { call, on, bufsize: line.whole(0, MAX_BUFSIZE), flags: line.more() ? line.flags() : [] }
    case 'send':
    case 'sendall':
      return { call, on, bytes: line.bytes(), flags: line.more() ? line.flags() : [] }
    case 'sendto': {
      const bytes = line.bytes()
      line.comma()
      const flags = line.startsFlags() ? line.flags() : []
      if (flags.length > 0) line.comma()
      return { call, on, bytes, flags, address: line.address() }
    }
    case 'shutdown':
      return { call, on, how: line.constant(benchSides) }
    case 'setblocking':
      return { call, on, flag: line.constant(['True', 'False']) === 'True' }
    case 'settimeout':
      return { call, on, seconds: line.secondsOrNone() }
    case 'setsockopt': {
      const option = line.option()
      line.comma()
      return { call, on, option, value: line.optionValue() }
    }
    case 'getsockopt':
      return { call, on, option: line.option() }
  }
  const plain = plainCalls.find((each) => each === call)
  if (plain !== undefined) return { call: plain, on }
  const near = nearest(call, calls)
  throw new CallTextError(
    `${call} is no call that is known here; ${near === null ? `there are ${calls.join(', ')}.` : `did you mean ${near}?`}`,
  )
}

/** A line of Python, and how far it has been read. */
class Line {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** `names = on.call(` */
  head(): { names: string[]; on: string | null; call: string } {
    const match =
      /^\s*(?:([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*=\s*)?(?:([A-Za-z_][\w-]*)\s*\.\s*)?([A-Za-z_]\w*)\s*\(\s*/.exec(
        this.#text,
      )
    if (match === null)
      throw new CallTextError('is no call: write one line of Python, as data = line.recv(1024).')
    this.#at = match[0].length
    const [, left, on, call = ''] = match
    const names = left === undefined ? [] : left.split(',').map((each) => each.trim())
    if (names.length > 2) throw new CallTextError('has more than two names on the left of =.')
    return { names, on: on === undefined || on === 'socket' ? null : on, call }
  }

  end(): void {
    this.#take(/,?\s*\)\s*/y)
    if (this.#last === null) this.#wrong(')')
    if (this.#at < this.#text.length)
      throw new CallTextError(`has more than one call: ${this.#rest()} is left over.`)
  }

  /** Whether another argument follows. */
  more(): boolean {
    return this.#take(/\s*,\s*(?!\))/y) !== null
  }

  comma(): void {
    if (!this.more()) this.#wrong('a comma and another argument')
  }

  constant<Word extends string>(words: readonly Word[]): Word {
    const word = this.#take(/(?:socket\s*\.\s*)?([A-Za-z_]\w*|0)\s*/y)?.[1]
    const found = words.find((each) => each === word)
    if (found !== undefined) return found
    const near = word === undefined ? null : nearest(word, words)
    throw new CallTextError(
      `has ${word ?? this.#rest()} where one of ${words.join(', ')} stands${near === null ? '.' : `; did you mean ${near}?`}`,
    )
  }

  startsFlags(): boolean {
    return /^(?:socket\s*\.\s*)?MSG_/.test(this.#rest())
  }

  flags(): (typeof benchFlags)[number][] {
    const flags = [this.constant(benchFlags)]
    while (this.#take(/\|\s*/y) !== null) flags.push(this.constant(benchFlags))
    return flags
  }

  whole(least: number, most: number): number {
    const written = this.#take(/[+-]?\d[\d_]*\s*/y)?.[0]
    const value = Number(written?.replaceAll('_', ''))
    if (written !== undefined && value >= least && value <= most) return value
    return this.#wrong(`a whole number from ${least} to ${most}`, written)
  }

  secondsOrNone(): number | null {
    if (this.#take(/None\s*/y) !== null) return null
    const written = this.#take(/\d+(\.\d+)?\s*/y)?.[0]
    return written === undefined ? this.#wrong('seconds, or None') : Number(written)
  }

  /** `SOL_SOCKET, SO_REUSEADDR`: the option's own name tells its level. */
  option(): string {
    const level = this.#take(/(?:socket\s*\.\s*)?(SOL_SOCKET|IPPROTO_\w+|SOL_\w+)\s*,\s*/y)
    const name = this.#take(/(?:socket\s*\.\s*)?([A-Z][A-Z0-9_]+)\s*/y)?.[1]
    if (level === null || name === undefined)
      return this.#wrong('a level and an option, as SOL_SOCKET, SO_REUSEADDR')
    return name
  }

  /** A number, or a structure of ints: `struct.pack("ii", 1, 0)`. */
  optionValue(): number | readonly number[] {
    const format = this.#take(/struct\s*\.\s*pack\(\s*(?:"(i{1,16})"|'(i{1,16})')\s*/y)
    if (format === null) return this.whole(-(2 ** 31), 2 ** 32 - 1)
    const ints = Array.from(format[1] ?? format[2] ?? '', () => {
      this.comma()
      return this.whole(-(2 ** 31), 2 ** 31 - 1)
    })
    if (this.#take(/\)\s*/y) === null) this.#wrong(')')
    return ints
  }

  address(): ScriptedAddress {
    const of = this.#take(/([A-Za-z_]\w*)\s*\.\s*getsockname\(\s*\)\s*/y)?.[1]
    if (of !== undefined) return { is: 'getsockname', of }
    if (this.#take(/\(\s*/y) === null) {
      if (/^['"]/.test(this.#rest())) return { is: 'path', path: this.#string() }
      return this.#wrong('an address: ("127.0.0.1", 8060), "/path", or NAME.getsockname()')
    }
    const host = this.#string()
    this.comma()
    const port = this.#take(/(\d{1,5}|\{[^{}]*\})\s*/y)?.[1]
    if (port === undefined) return this.#wrong('a port')
    if (!port.startsWith('{') && Number(port) > 65535)
      throw new CallTextError(`has port ${port}, which is not a whole number from 0 to 65535.`)
    if (this.#take(/\)\s*/y) === null) return this.#wrong(')')
    return { is: 'tuple', host, port }
  }

  /** `b"abc"`, `b"x" * 1000`, `b""`. */
  bytes(): Uint8Array {
    if (this.#take(/b(?=['"])/y) === null) return this.#wrong('bytes, as b"hello"')
    const one = latin1(this.#quoted(true))
    const times = this.#take(/\*\s*(\d[\d_]*)\s*/y)?.[1]
    if (times === undefined) return one
    const count = Number(times.replaceAll('_', ''))
    if (one.length * count > MAX_BYTES)
      throw new CallTextError(`has ${one.length * count} bytes; at most ${MAX_BYTES} are sent at once.`)
    const all = new Uint8Array(one.length * count)
    for (let at = 0; at < all.length; at += one.length) all.set(one, at)
    return all
  }

  #string(): string {
    if (!/^['"]/.test(this.#rest())) return this.#wrong('text in quotes')
    return this.#quoted(false)
  }

  /** A string or bytes literal in its quotes, without them. */
  #quoted(isBytes: boolean): string {
    const match = this.#take(/(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\s*/y)
    if (match === null) return this.#wrong('the end of the quotes')
    const inside = match[1] ?? match[2] ?? ''
    if (isBytes && /[^\x20-\x7e]/.test(inside))
      throw new CallTextError('has bytes that are no ASCII: write them as \\x and two digits.')
    return unescape(inside)
  }

  #last: RegExpExecArray | null = null
  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    this.#last = pattern.exec(this.#text)
    if (this.#last !== null) this.#at = pattern.lastIndex
    return this.#last
  }

  #rest(): string {
    return this.#text.slice(this.#at)
  }

  #wrong(expected: string, found = this.#rest()): never {
    throw new CallTextError(
      `has ${found === '' ? 'nothing more' : found.slice(0, 40)}, expected ${expected}.`,
    )
  }
}

const plainEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '0': '\0',
  '\\': '\\',
  "'": "'",
  '"': '"',
}

/** Python's escapes, those that bytes and addresses need. */
function unescape(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{2}|.)/g, (_all, escape: string) => {
    if (escape.startsWith('x') && escape.length === 3)
      return String.fromCharCode(parseInt(escape.slice(1), 16))
    const plain = plainEscapes[escape]
    if (plain !== undefined) return plain
    throw new CallTextError(`has \\${escape}, which is no escape that is known here.`)
  })
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (each) => each.charCodeAt(0))
}

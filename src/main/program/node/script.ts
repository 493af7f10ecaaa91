import { isUtf8 } from 'node:buffer'
import { repeated, slices } from '../bytesText'
import { camel, Names } from '../names'
import { commentLines, Page } from '../page'
import { fixed, type Address, type Piece, type Words } from '../plan/addresses'
import { type ActOfKind, type Plan } from '../plan/plan'
import { ProgramScript } from '../script'
import { nodeHelpers } from './helpers'

const KEYWORDS =
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield arguments eval async of'
const OTHERS =
  'main host port path temp lan net dgram process console Buffer setTimeout clearTimeout performance once join tmpdir mkdtemp rm readFile pipeline socket data StringDecoder networkInterfaces globalThis Promise Error Object JSON String Number name'

/** A socket that calls have made, as far as Node has it. */
export interface BenchState {
  readonly name: string
  readonly variable: string
  kind: 'made' | 'server' | 'stream' | 'udp' | 'connectedUdp'
  readonly family: string
  /** What it was bound to before there was anything to bind. */
  address: Address | null
  accepted: number
  /** close(2) is to send RST. */
  isLingering: boolean
  /** It has sent FIN, or failed: Node writes to it no more. */
  isOver: boolean
  /** It has failed. */
  isBroken?: boolean
}

/** A Node program while it is written: its lines, and what they need. */
export class Script extends ProgramScript {
  readonly page = new Page('  ')
  readonly functions = new Page('  ')
  readonly methods = new Set<string>()
  /** Endpoints that Node cannot have, or that call one of those. */
  readonly absent = new Set<string>()
  readonly bench = new Map<string, BenchState>()
  /** Calls that block, by their sockets. */
  readonly blocked = new Map<string, ActOfKind<'call'>>()
  /** Endpoints and sockets of calls that listen now. */
  readonly listening = new Set<string>()
  /** Files of Unix sockets that are there now, by their path. */
  readonly files = new Set<string>()
  /** Nothing more can be done as the experiment has it. */
  isOver = false
  readonly #declared = new Set<string>()

  constructor(plan: Plan) {
    const taken = [...KEYWORDS.split(' '), ...OTHERS.split(' '), ...Object.keys(nodeHelpers)]
    super(plan, nodeHelpers, new Names(taken, camel))
  }

  /** A method of `Stream`. */
  method(name: string): string {
    this.use('Stream')
    this.methods.add(name)
    if (name === 'expectNothing') this.imports.add('{ setTimeout as sleep } from node:timers/promises')
    return name
  }

  module(name: 'net' | 'dgram'): string {
    this.imports.add(`${name} from node:${name}`)
    return name
  }

  once(): string {
    this.imports.add('{ once } from node:events')
    return 'once'
  }

  sleep(): string {
    this.imports.add('{ setTimeout as sleep } from node:timers/promises')
    return 'sleep'
  }

  callers(name: string): string {
    return this.of(`${name} callers`, `${name}Callers`)
  }

  /** `const alice` where it is first set; `let` where it is set again. */
  declare(variable: string): string {
    if (this.#declared.has(variable)) return variable
    this.#declared.add(variable)
    return `${this.isSetAgain(variable) ? 'let' : 'const'} ${variable}`
  }

  isSetAgain(variable: string): boolean {
    const opens = this.plan.acts.filter(
      (each) =>
        (each.do === 'dial' || each.do === 'listen' || each.do === 'bind') &&
        this.variable(each.sock) === variable,
    )
    return opens.length > 1
  }

  /** Whether somebody that an address refers to is not there. */
  isUnknown(name: string): boolean {
    if (this.absent.has(name)) return true
    const isKnown =
      this.#declared.has(this.bound(name, 'port')) || this.#declared.has(this.bound(name, 'path'))
    return this.plan.only === null && !isKnown
  }

  comment(text: string): void {
    for (const each of commentLines(text, '// ')) this.page.line(each)
  }

  text(words: Words): string {
    const whole = fixed(words)
    if (whole !== null) return quoted(whole)
    const [only] = words
    if (words.length === 1 && only !== undefined && typeof only !== 'string') return this.#piece(only)
    const pieces = words.map((each) =>
      typeof each === 'string'
        ? quoted(each).slice(1, -1).replace(/[`$]/g, '\\$&')
        : `\${${this.#piece(each)}}`,
    )
    return `\`${pieces.join('')}\``
  }

  number(words: Words): string {
    const whole = fixed(words)
    return whole === null ? this.text(words) : String(Number(whole))
  }

  #piece(piece: Exclude<Piece, string>): string {
    return 'of' in piece ? this.bound(piece.of, piece.part) : piece.is
  }

  /** `host: '127.0.0.1', port: 0`, or `path: '/tmp/x'`. @param isOwn from the command line */
  address(address: Address, isOwn = false): string {
    if ('path' in address) return isOwn ? 'path' : `path: ${this.unixPath(address.path)}`
    if (isOwn) return 'host, port'
    return `host: ${this.text(address.host)}, port: ${'port' in address ? this.number(address.port) : 0}`
  }

  /** An abstract name begins with a NUL byte (unix(7)). */
  unixPath(path: Words): string {
    const [first] = path
    return typeof first === 'string' && first.startsWith('@')
      ? this.text([`\0${first.slice(1)}`, ...path.slice(1)])
      : this.text(path)
  }

  /** Bytes as a string where they are text, else as a Buffer. */
  bytes(bytes: Uint8Array): string {
    const same = repeated(bytes)
    if (same !== null)
      return `Buffer.alloc(${bytes.length}, ${same >= 32 && same < 127 ? quoted(String.fromCharCode(same)) : same})`
    const isText = isUtf8(bytes) && !Buffer.from(bytes).toString().includes('\ufffd')
    if (bytes.length <= 72)
      return isText
        ? quoted(Buffer.from(bytes).toString())
        : `Buffer.from('${Buffer.from(bytes).toString('hex')}', 'hex')`
    if (isText) {
      const lines = [...Buffer.from(bytes).toString()].reduce<string[]>((all, each) => {
        const last = all.at(-1)
        if (last === undefined || last.length >= 64) all.push(each)
        else all[all.length - 1] = last + each
        return all
      }, [])
      return lines.map((each, at) => `${at === 0 ? '' : '  '}${quoted(each)}`).join(' +\n')
    }
    const lines = slices(bytes, 36).map((each) => `    '${Buffer.from(each).toString('hex')}'`)
    return `Buffer.from(\n${lines.join(' +\n')},\n  'hex',\n)`
  }

  /** The same, where it must be a Buffer. */
  buffer(bytes: Uint8Array): string {
    const text = this.bytes(bytes)
    return text.startsWith('Buffer') ? text : `Buffer.from(${text})`
  }
}

export function quoted(text: string): string {
  const escapes: Readonly<Record<string, string>> = {
    '\\': '\\\\',
    "'": "\\'",
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
  }
  return `'${[...text]
    .map(
      (each) =>
        escapes[each] ??
        (/[\p{C}\u2028\u2029]/u.test(each)
          ? [...each].map((one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`).join('')
          : each),
    )
    .join('')}'`
}

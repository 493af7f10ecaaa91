import { escaped, octalEscape, repeated, slices } from '../bytesText'
import { Names, snake } from '../names'
import { commentLines, Page } from '../page'
import { fixed, type Address, type Piece, type Words } from '../plan/addresses'
import { type Plan, type Sock } from '../plan/plan'
import { ProgramScript, Timeouts } from '../script'
import { cHelpers } from './helpers'

const KEYWORDS =
  'auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while _Bool asm typeof unix linux'
const OTHERS =
  'main argc argv host port path data came address temp lan errno stdin stdout stderr environ socket bind listen accept connect send recv sendto recvfrom shutdown close read write pipe poll select signal time clock exit abort remove rename index rindex log exp sin cos tan sqrt pow floor ceil abs div y0 y1 yn j0 j1 jn gamma upper files file_count printf puts malloc free strlen memcpy memset open creat link unlink access dup fork exec wait kill pause alarm sleep getpid stat mkdir rmdir chdir sync nice times uname truncate thread'

/** A C program while it is written: its lines, and what they need. */
export class Script extends ProgramScript {
  /** Where lines go now: main, or a function that is being written. */
  page = new Page('    ')
  /** What stands before `main`: data, and functions that answer. */
  readonly globals = new Page('    ')
  readonly functions = new Page('    ')
  /** Variables that threads need: they stand outside of main. */
  readonly shared = new Set<string>()
  readonly blocked = new Map<
    string,
    {
      readonly name: string
      readonly names: readonly string[]
      readonly call: string
      readonly isReceive: boolean
    }
  >()
  /** What main begins with. */
  readonly prologue = new Set<string>()
  /** The largest read of a call that is made by itself. */
  bufferBytes = 0
  readonly #once = new Set<string>()
  readonly #timeouts = new Timeouts()
  readonly #declared = new Set<string>()

  constructor(plan: Plan) {
    const taken = [...KEYWORDS.split(' '), ...OTHERS.split(' '), ...Object.keys(cHelpers)]
    super(plan, cHelpers, new Names(taken, snake), ['sys/socket.h', 'stdio.h'])
  }

  /** A word that a header brings. */
  from(header: string, word: string): string {
    this.imports.add(header)
    return word
  }

  /** Where it is read, and where it is written to: two sockets, where a thread answers it. */
  reader(sock: Sock): string {
    return sock.isServed && sock.kind === 'stream' ? `${this.variable(sock)}.seen` : this.variable(sock)
  }
  sender(sock: Sock): string {
    return sock.isServed && sock.kind === 'stream' ? `${this.variable(sock)}.conn` : this.variable(sock)
  }

  bench(name: string): string {
    return this.of(name)
  }

  /** What reads a socket that a call has made as lines. */
  file(name: string): string {
    const variable = this.named(`file of ${name}`, `${snake(name)}_file`)
    this.share(`FILE *${variable}`, variable)
    return variable
  }

  /** `int alice` where it is first set, `alice` from then on. @param type with its space or star */
  declare(type: string, variable: string): string {
    if (this.#declared.has(variable) || this.shared.has(variable)) return variable
    this.#declared.add(variable)
    return `${type}${variable}`
  }

  /** True the first time that it is asked for something. */
  onceOnly(what: string): boolean {
    if (this.#once.has(what)) return false
    this.#once.add(what)
    return true
  }

  /** A socket that a call has made, and that a thread works with. */
  shareBench(name: string): void {
    this.share(`int ${this.bench(name)}`, this.bench(name))
  }

  /** Lets a variable stand outside of main. */
  share(declaration: string, variable: string): void {
    if (this.shared.has(variable)) return
    this.shared.add(variable)
    this.globals.line(`static ${declaration};`, 'Threads need it, too: it stands outside of main.')
  }

  comment(text: string): void {
    const lines = commentLines(text.replaceAll('*/', '* /'), '', 90)
    if (lines.length === 1) this.page.line(`/* ${lines[0]} */`)
    else
      for (const [at, each] of lines.entries())
        this.page.line(`${at === 0 ? '/*' : ' *'} ${each}${at === lines.length - 1 ? ' */' : ''}`)
  }

  /** `if (… == -1) die("…");` */
  check(call: string, name: string, about: string): void {
    this.page.line(`if (${call} == -1)`, about)
    this.page.in(() =>
      this.page.line(`${this.use('die')}("${name}");`, `Says which call has failed and why: perror(3).`),
    )
  }

  timeout(sock: Sock, ms: number): void {
    if (!this.#timeouts.set(sock, ms)) return
    this.page.line(
      `${this.use('set_timeout')}(${this.reader(sock)}, ${ms});`,
      'From here on what waits on this socket gives up after so many milliseconds.',
    )
  }

  hasTimeout(sock: Sock, ms: number | null): void {
    if (ms === null) this.#timeouts.forget(sock)
    else this.#timeouts.set(sock, ms)
  }

  /** An expression of type `const char *`; what must be put together first is written before. */
  text(words: Words): string {
    const whole = fixed(words)
    if (whole !== null) return quoted(whole)
    const [only] = words
    if (
      words.length === 1 &&
      only !== undefined &&
      typeof only !== 'string' &&
      !('of' in only && only.part === 'port')
    )
      return this.#piece(only)
    const key = JSON.stringify(words)
    const isMade = this.#made.has(key)
    const last = words.findLast((each) => typeof each === 'string') ?? ''
    const variable = this.named(`text ${key}`, `${last.replace(/^.*\//, '')}_path`)
    if (isMade) return variable
    this.#made.add(key)
    const format = words
      .map((each) =>
        typeof each === 'string'
          ? quoted(each).slice(1, -1).replaceAll('%', '%%')
          : 'of' in each && each.part === 'port'
            ? '%d'
            : '%s',
      )
      .join('')
    const values = words.flatMap((each) => (typeof each === 'string' ? [] : [this.#piece(each)]))
    this.globals.line(`static char *${variable};`, 'A path that is put together in main.')
    this.check(
      `asprintf(&${variable}, "${format}", ${values.join(', ')})`,
      'asprintf',
      'asprintf(3): puts the text together.',
    )
    return variable
  }
  readonly #made = new Set<string>()

  number(words: Words): string {
    const whole = fixed(words)
    if (whole !== null) return String(Number(whole))
    const [only] = words
    return only !== undefined && typeof only !== 'string' ? this.#piece(only) : '0'
  }

  #piece(piece: Exclude<Piece, string>): string {
    return 'of' in piece ? this.bound(piece.of, piece.part) : piece.is
  }

  /** Declares the address as bind and connect take it; what stands behind the socket in a call. @param isOwn from the command line */
  address(address: Address, name: string, isOwn = false): string {
    const { page } = this
    const variable = this.named(`address ${name} ${this.#addresses++}`, `${snake(name)}_address`)
    if ('path' in address) {
      const length = this.named(`length of ${variable}`, `${variable}_length`)
      page.line(`socklen_t ${length};`)
      page.line(
        `struct sockaddr_un ${variable} = ${this.use('unix_address')}(${isOwn ? 'path' : this.text(address.path)}, &${length});`,
        'The path as the calls take it: unix(7).',
      )
      return `(struct sockaddr *)&${variable}, ${length}`
    }
    const host = isOwn ? 'host' : this.text(address.host)
    const port =
      address.kind === 'raw'
        ? '0'
        : isOwn
          ? `(unsigned short)${this.from('stdlib.h', 'atoi')}(port)`
          : this.number(address.port)
    const isSix = address.family === 6
    page.line(
      `struct sockaddr_in${isSix ? '6' : ''} ${variable} = ${this.use(isSix ? 'ipv6' : 'ipv4')}(${host === '"localhost"' ? '"127.0.0.1"' : host}, ${port});`,
      `Host and port as the calls take them: ${isSix ? 'ipv6(7)' : 'ip(7)'}.`,
    )
    return `(struct sockaddr *)&${variable}, sizeof ${variable}`
  }
  #addresses = 0

  /** Bytes as an expression of type `const char *`. */
  bytes(bytes: Uint8Array): string {
    const same = repeated(bytes)
    const number = (this.#count += 1)
    if (same !== null) {
      const variable = this.named(`bytes ${number}`, 'much')
      this.imports.add('stdlib.h')
      this.imports.add('string.h')
      this.page.line(`char *${variable} = malloc(${bytes.length});`, 'malloc(3): room for so many bytes.')
      this.page.line(`if (${variable} == NULL)`)
      this.page.in(() => this.page.line(`${this.use('die')}("malloc");`))
      this.page.line(
        `memset(${variable}, ${same >= 32 && same < 127 && same !== 39 && same !== 92 ? `'${String.fromCharCode(same)}'` : same}, ${bytes.length});`,
        'memset(3): the same byte everywhere.',
      )
      return variable
    }
    if (bytes.length <= 72) return literal(bytes)
    const variable = this.named(`bytes ${number}`, 'bytes')
    const isLong = bytes.length > 4000
    const lines = slices(bytes, isLong ? 16 : 64).map((each) =>
      isLong
        ? `    ${[...each].map((byte) => `${byte > 127 ? byte - 256 : byte}`).join(', ')},`
        : `    ${literal(each)}`,
    )
    this.globals.line(
      isLong
        ? `static const char ${variable}[] = {\n${lines.join('\n')}\n};`
        : `static const char ${variable}[] =\n${lines.join('\n')};`,
      'What is sent or expected further down.',
    )
    return variable
  }
  #count = 0
}

function literal(bytes: Uint8Array): string {
  // ??x may stand for another character (trigraphs).
  return escaped(bytes, octalEscape).replaceAll('??', '?\\?')
}

export function quoted(text: string): string {
  return literal(new TextEncoder().encode(text))
}

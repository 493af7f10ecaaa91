import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { Log } from './log'
import { PeerProcess, type Ending } from './peerProcess'

/** What the scripts print, one object a line. */
interface Fact {
  readonly fact: string
  readonly n?: number
  readonly port?: number | null
  readonly host?: string
  readonly hex?: string
  readonly total?: number
  readonly code?: string
  readonly call?: string
  readonly localPort?: number
  readonly remotePort?: number
  readonly receivedBytes?: number
  readonly receivedSha256?: string
  readonly sentBytes?: number
  readonly sentSha256?: string
}

/** A Python script that prints a JSON object a line and takes one a line. */
class Script implements AsyncDisposable {
  readonly facts = new Log<Fact>()
  readonly #process: PeerProcess

  constructor(name: string, args: readonly string[]) {
    const path = fileURLToPath(new URL(name, import.meta.url))
    this.#process = new PeerProcess('python3', ['-u', path, ...args])
    let rest = ''
    this.#process.output.follow((chunk) => {
      // The scripts print ASCII only, so that a chunk's edge cuts no character.
      const lines = (rest + chunk.toString('latin1')).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.facts.add(JSON.parse(line) as Fact)
    })
    void this.#process.ended.then(({ code, signal }) =>
      this.facts.end(
        `${name} ended with ${signal ?? code}: ${this.#process.said.entries.slice(-3).join(' | ')}`,
      ),
    )
  }

  async fact(what: string, matches: (fact: Fact) => boolean): Promise<Fact> {
    return await this.facts.until(what, (facts) => facts.find(matches))
  }

  do(command: object): void {
    this.#process.send(`${JSON.stringify(command)}\n`)
  }

  get ended(): Promise<Ending> {
    return this.#process.ended
  }

  /** SIGKILL: the program has no say in how its sockets end, the kernel closes them. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#process.ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]()
  }
}

/** What a peer counted, for holding against the window and the recording. */
export interface Sum {
  readonly receivedBytes: number
  readonly receivedSha256: string
  readonly sentBytes: number
  readonly sentSha256: string
}

/** One connection of a Python program. */
export class PythonWire {
  readonly #script: Script
  readonly #n: number
  /** The port at its end; 0 for Unix-domain sockets. */
  readonly localPort: number
  /** The port at the app's end. */
  readonly remotePort: number

  constructor(script: Script, n: number, { localPort = 0, remotePort = 0 }: Fact) {
    this.#script = script
    this.#n = n
    this.localPort = localPort
    this.remotePort = remotePort
  }

  /** Answers once `sendall` has returned: the kernel has all of it. */
  async send(data: string | Uint8Array): Promise<void> {
    await this.#sent({ do: 'send', hex: Buffer.from(data).toString('hex') })
  }

  /** Sends that many bytes, `chunk` of them in each call: lines of 16 bytes, each the number of its chunk, counted on from flood to flood. */
  async flood(bytes: number, chunk: number): Promise<void> {
    await this.#sent({ do: 'flood', bytes, chunk })
  }

  async #sent(command: object): Promise<void> {
    const before = this.#facts('sent').length
    this.#do(command)
    await this.#script.facts.until('sendall to return', () => this.#facts('sent')[before])
  }

  /** Everything received, once it is as long as `expected`; for the caller to compare. */
  async receives(expected: string | Uint8Array): Promise<Buffer> {
    const length = Buffer.from(expected).length
    return await this.#script.facts.until(`${length} bytes at python`, () => {
      const all = Buffer.concat(this.#facts('received').map((each) => Buffer.from(each.hex ?? '', 'hex')))
      return all.length >= length ? all : undefined
    })
  }

  async receivesBytes(total: number): Promise<void> {
    await this.#script.facts.until(`${total} bytes at python`, () =>
      this.#facts('received').find((each) => (each.total ?? 0) >= total),
    )
  }

  /** recv(2) answered 0: the peer's FIN came. */
  async sawEof(): Promise<void> {
    await this.#script.facts.until('recv to answer 0', () => this.#facts('eof')[0])
  }

  /** recv(2) or send(2) failed: `ECONNRESET` where the peer sent RST. */
  async sawError(): Promise<string> {
    return (await this.#script.facts.until('an error at python', () => this.#facts('error')[0])).code ?? ''
  }

  hasSeen(fact: 'eof' | 'error'): boolean {
    return this.#facts(fact).length > 0
  }

  /** shutdown(SHUT_WR): FIN, and reading goes on. */
  async finish(): Promise<void> {
    this.#do({ do: 'finish' })
    await this.#script.facts.until('shutdown', () => this.#facts('finished')[0])
  }

  async close(): Promise<void> {
    this.#do({ do: 'close' })
    await this.#script.facts.until('close', () => this.#facts('closed')[0])
  }

  /** close(2) with SO_LINGER 0: RST. */
  async reset(): Promise<void> {
    this.#do({ do: 'reset' })
    await this.#script.facts.until('close', () => this.#facts('closed')[0])
  }

  stopReading(): void {
    this.#do({ do: 'stop' })
  }

  readOn(): void {
    this.#do({ do: 'go' })
  }

  async sum(): Promise<Sum> {
    const before = this.#facts('sum').length
    this.#do({ do: 'sum' })
    return (await this.#script.facts.until('the totals', () => this.#facts('sum')[before])) as Sum
  }

  #facts(fact: string): readonly Fact[] {
    return this.#script.facts.entries.filter((each) => each.fact === fact && each.n === this.#n)
  }

  #do(command: object): void {
    this.#script.do({ ...command, n: this.#n })
  }
}

/** A Python program with TCP or Unix-domain connections. Disposing of it ends it. */
export class PythonProgram implements AsyncDisposable {
  readonly #script: Script
  constructor(script: Script) {
    this.#script = script
  }

  /** Its connections, in the order in which they were made; waits for the one asked for. */
  async wire(n = 0): Promise<PythonWire> {
    const fact = await this.#script.fact(
      `connection ${n}`,
      (each) => each.fact === 'connected' && each.n === n,
    )
    return new PythonWire(this.#script, n, fact)
  }

  async kill(): Promise<void> {
    await this.#script.kill()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#script[Symbol.asyncDispose]()
  }
}

export interface PythonServer extends PythonProgram {
  /** The port that the kernel gave it; 0 for Unix-domain sockets. */
  readonly port: number
}

/** Dials `tcp://host:port` or `unix:path`, several times over if asked. */
export async function pythonDials(url: string, count = 1): Promise<PythonProgram> {
  const script = new Script('tcpPeer.py', ['dial', ...place(url), String(count)])
  await script.fact('the connection', (each) => each.fact === 'connected' && each.n === count - 1)
  return new PythonProgram(script)
}

/** Listens on `tcp://host:port` (port 0: see `port`) or `unix:path`. */
export async function pythonListens(url = 'tcp://127.0.0.1:0'): Promise<PythonServer> {
  const script = new Script('tcpPeer.py', ['listen', ...place(url)])
  const { port } = await script.fact('python to listen', (each) => each.fact === 'listening')
  return Object.assign(new PythonProgram(script), { port: port ?? 0 })
}

function place(url: string): [string, string] {
  if (url.startsWith('unix:')) return ['unix', url.slice('unix:'.length)]
  const { hostname, port } = new URL(url.replace(/^tcp:/, 'http:'))
  // URL drops port 80 for http.
  return [hostname.replace(/^\[|\]$/g, ''), port === '' ? '80' : port]
}

export interface Datagram {
  readonly bytes: Buffer
  readonly port: number
}

/** A UDP socket of a Python program. */
export class PythonUdp implements AsyncDisposable {
  readonly #script: Script
  readonly port: number
  constructor(script: Script, port: number) {
    this.#script = script
    this.port = port
  }

  async send(to: number, data: string | Uint8Array): Promise<void> {
    await this.#done({ do: 'send', hex: Buffer.from(data).toString('hex'), host: '127.0.0.1', port: to })
  }

  /** Sends that many datagrams of 8 bytes, each its number in decimal; never more than the receiver's buffer has room for (Linux). */
  async flood(to: number, count: number): Promise<void> {
    await this.#done({ do: 'flood', count, host: '127.0.0.1', port: to })
  }

  async #done(command: object): Promise<void> {
    const before = this.#sent
    this.#script.do(command)
    await this.#script.facts.until('sendto to return', () => (this.#sent > before ? true : undefined))
  }

  get #sent(): number {
    return this.#script.facts.entries.filter((each) => each.fact === 'sent').length
  }

  /** The first `count` datagrams that came, in order. */
  async receives(count: number): Promise<readonly Datagram[]> {
    return await this.#script.facts.until(`${count} datagrams at python`, (facts) => {
      const all = facts.filter((each) => each.fact === 'received')
      if (all.length < count) return undefined
      return all
        .slice(0, count)
        .map((each) => ({ bytes: Buffer.from(each.hex ?? '', 'hex'), port: each.port ?? 0 }))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#script[Symbol.asyncDispose]()
  }
}

/** Binds a UDP socket on 127.0.0.1; with `echoes` it sends back what comes. */
export async function pythonBindsUdp({ echoes = false } = {}): Promise<PythonUdp> {
  const script = new Script('udpPeer.py', ['127.0.0.1', '0', ...(echoes ? ['echo'] : [])])
  const { port } = await script.fact('python to bind', (each) => each.fact === 'bound')
  return new PythonUdp(script, port ?? 0)
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

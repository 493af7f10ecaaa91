import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasPort, type Endpoint } from '../../../shared/model/endpoint'
import { describeFault, type Fault, type Reply } from '../../../shared/model/fault'
import { type ConnectionId, type ListenerId, type SocketId } from '../../../shared/model/ids'
import { type ListenOptions } from '../../../shared/model/options'
import { type ConnectionState } from '../../../shared/model/state'
import {
  type ConnectionSummary,
  type ListenerSummary,
  type SocketSummary,
} from '../../../shared/model/summary'
import { createEngine, type EngineOptions } from '../engine'
import { type Behaviour, type Engine } from '../types'
import { MemoryRecorder } from './memoryRecorder'

/** An engine with a recorder in memory, ended with its scope. */
export interface Bench extends AsyncDisposable {
  readonly engine: Engine
  readonly recorder: MemoryRecorder
  /** Resolves with the first summary of the socket that the test agrees with, from now on or as it is. */
  until<Summary extends SocketSummary = SocketSummary>(
    id: SocketId,
    test: (summary: Summary) => boolean,
  ): Promise<Summary>
  /** Waits for a fact that no event tells, such as bytes that came in. */
  untilTrue(test: () => boolean): Promise<void>
  listen(
    at: Endpoint,
    behaviour?: Behaviour,
    options?: ListenOptions,
  ): Promise<ListenerSummary & { at: Endpoint; port: number }>
  /** Dials and waits for the connection to be open. */
  dial(to: Endpoint): Promise<ConnectionSummary>
  /** The connection that the listener accepted as its `nth`, counted from 0. */
  accepted(listener: ListenerId, nth?: number): Promise<ConnectionId>
  phase(id: ConnectionId, phase: ConnectionState['phase']): Promise<ConnectionSummary>
}

export function setUp(options: Partial<EngineOptions> = {}): Bench {
  const recorder = new MemoryRecorder()
  const engine = createEngine({ recorder, ...options })
  const bench: Bench = {
    engine,
    recorder,
    until(id, test) {
      return new Promise((resolve) => {
        const look = (): boolean => {
          const summary = engine.summary(id)
          if (summary === null || !test(summary as never)) return false
          resolve(summary as never)
          return true
        }
        if (look()) return
        const stop = engine.onEvent(() => {
          if (look()) stop()
        })
      })
    },
    async untilTrue(test) {
      while (!test()) await new Promise((resolve) => setImmediate(resolve))
    },
    async listen(at, behaviour = silent, listenOptions = {}) {
      const summary = ok(await engine.listen(at, behaviour, listenOptions))
      if (summary.state.phase !== 'listening') throw new Error('it does not listen')
      const bound = summary.state.at
      return { ...summary, at: bound, port: hasPort(bound) ? bound.port : 0 }
    },
    async dial(to) {
      const { id } = ok(engine.dial(to))
      return ok(await engine.dialled(id))
    },
    async accepted(listener, nth = 0) {
      await bench.until(listener, (summary) => summary.kind === 'listener' && summary.accepted > nth)
      const ids = recorder
        .of(listener)
        .events()
        .flatMap((each) => (each.what === 'accepted' ? [each.connection] : []))
      const id = ids[nth]
      if (id === undefined) throw new Error('the accept was not recorded')
      return id
    },
    phase: (id, phase) => bench.until<ConnectionSummary>(id, (summary) => summary.state.phase === phase),
    async [Symbol.asyncDispose]() {
      await engine.dispose()
    },
  }
  return bench
}

/** Leaves everything to the test. */
export const silent: Behaviour = {
  name: 'none',
  greet: () => ({ received: () => undefined, peerFinished: () => undefined }),
}

/** Sends back what comes in, and finishes when the peer has. */
export const echo: Behaviour = {
  name: 'echo',
  greet: (connection) => ({
    received: (bytes) => connection.write(bytes),
    peerFinished: () => connection.finish(),
  }),
}

/** The value of a reply that must be good. */
export function ok<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(describeFault(reply.fault))
  return reply.value
}

/** The fault of a reply that must be bad. */
export function faultOf(reply: Reply<unknown>): Fault {
  if (reply.ok) throw new Error(`no fault: ${JSON.stringify(reply.value)}`)
  return reply.fault
}

export const loopback = (port = 0): Endpoint => ({ kind: 'tcp', host: '127.0.0.1', port })
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A program that talks to the engine over real sockets, ended with its scope. */
export interface Counterpart extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams
  /** All that it wrote to stdout so far. */
  output(): string
  /** Resolves when it has printed this. */
  printed(text: string): Promise<string>
  /** Resolves with its stdout when it has ended. */
  ended(): Promise<{ readonly code: number | null; readonly output: string }>
}

export function start(command: string, parts: readonly string[]): Counterpart {
  const child = spawn(command, parts, { stdio: 'pipe' })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('latin1').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  child.stdin.on('error', () => undefined) // it may end before it has read all
  const closed = once(child, 'close') as Promise<[number | null]>
  return {
    child,
    output: () => output,
    async printed(text) {
      while (!output.includes(text)) {
        if (child.exitCode !== null)
          throw new Error(`${command} ended (${child.exitCode}) without "${text}": ${output} ${errors}`)
        await Promise.race([once(child.stdout, 'data'), closed])
      }
      return output
    },
    async ended() {
      const [code] = await closed
      return { code, output }
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await closed
    },
  }
}

/** A Python program with `import socket, sys, os, struct, time` and `say(x)`, which prints a line at once. */
export function python(program: string, ...parts: (string | number)[]): Counterpart {
  const head = 'import socket, sys, os, struct, time\ndef say(x): print(x, flush=True)\n'
  return start('python3', ['-c', head + program, ...parts.map(String)])
}

export function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
}

/** A folder of its own for Unix sockets, removed with its scope. */
export function scratchFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'sb-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Open descriptors of this process (Linux). */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length
}

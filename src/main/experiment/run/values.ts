import { lstatSync } from 'node:fs'
import { type Endpoint, formatEndpoint, hasPath, hasPort } from '../../../shared/model/endpoint'
import { type ExperimentStep, TIMEOUT_ERROR } from '../../../shared/model/experiment'
import { type Fault } from '../../../shared/model/fault'
import { isConnectionId, type SocketId } from '../../../shared/model/ids'
import { formatTook } from '../../../shared/wire/duration'
import { errnoNumber } from '../../engine/bench/protocols'
import { nameText, stepText } from '../text'
import { modeText } from '../fileMode'
import { systemName, tcpRetries } from '../machine'
import { type Done } from './outcome'
import { type Places } from './places'

/** What a step has measured, by the names that a lesson's text has for it, and the sockets that it was about. */
export interface Measured {
  readonly values: Readonly<Record<string, string>>
  readonly sockets: readonly SocketId[]
}

/** Known of every run before its first step. */
export function machineValues(places: Places): Readonly<Record<string, string>> {
  const lan = places.valueOf('machine', 'lan')
  const retries = tcpRetries()
  return {
    'machine.system': systemName(),
    ...(lan !== null && { 'machine.lan': lan }),
    ...(retries !== null && { 'machine.retries': retries }),
  }
}

export function measured(places: Places, step: ExperimentStep, done: Done, tookMs: number): Measured {
  const values: Record<string, string> = {}
  if (step.as !== undefined && done.ok) values[step.as] = done.value ?? stepText(step).detail
  if (step.took !== undefined) values[step.took] = formatTook(tookMs)
  if (step.act === 'call' || step.act === 'returns') return ofCall(places, step, done, values)
  if (!('at' in step)) return { values, sockets: [] }
  const socket = places.socketOf(step.at)
  const place = places.place(step.at.name)
  const key = nameText(step.at)
  const stream = places.stream(step.at)
  Object.assign(values, ofSocket(places, key, step.at.caller === null ? (place?.id ?? socket) : stream))
  const fault = place?.fault ?? faultOf(places, socket)
  if (fault !== null) Object.assign(values, ofFault(key, fault))
  const isOfCaller =
    place?.kind === 'listener' && step.act !== 'open' && step.act !== 'look' && step.act !== 'close'
  const sockets = [socket, isOfCaller ? stream : null].filter((each) => each !== null)
  return { values, sockets: [...new Set(sockets)] }
}

function ofCall(
  places: Places,
  step: Extract<ExperimentStep, { act: 'call' | 'returns' }>,
  done: Done,
  values: Record<string, string>,
): Measured {
  const { bench } = places
  const on = step.act === 'returns' ? step.on : 'on' in step.of ? step.of.on : null
  const names = step.act === 'call' ? step.names : (done.names ?? [])
  const { value } = done
  const makes = names[0] !== undefined && bench.socket(names[0]) !== null
  if (done.ok && value !== undefined) {
    const [first, second] = names
    const parts = second === undefined ? null : splitPair(value)
    if (first !== undefined && !makes) values[first] = parts?.[0] ?? value
    if (second !== undefined && parts !== null) values[second] = parts[1]
  }
  const code = step.expected?.is === 'raises' || step.expected?.is === 'until' ? step.expected.code : null
  // A timeout is no errno.
  if (done.ok && on !== null && code !== null && code !== TIMEOUT_ERROR)
    Object.assign(values, ofErrno(on, code))
  const about = [on, makes ? (names[0] ?? null) : null].filter((each) => each !== null)
  for (const name of about) Object.assign(values, ofSocket(places, name, bench.socket(name)))
  const ids = [bench.id, ...about.map((name) => bench.socket(name))].filter((each) => each !== null)
  return { values, sockets: [...new Set<SocketId>(ids)] }
}

/** `(b'hi', ('127.0.0.1', 4000))` in its two parts. */
function splitPair(value: string): readonly [string, string] | null {
  const match = /^\((.*), (\(.*\)|'[^']*'|b'[^']*'|None)\)$/s.exec(value)
  return match === null ? null : [match[1] ?? '', match[2] ?? '']
}

function ofSocket(places: Places, key: string, id: SocketId | null): Record<string, string> {
  const summary = id === null ? null : places.ground.engine.summary(id)
  if (id === null || summary === null) return {}
  const values: Record<string, string> = { [`${key}.id`]: id }
  if (summary.kind === 'benchSocket' && summary.fd !== null) values[`${key}.fd`] = String(summary.fd)
  const { state } = summary
  const local = 'at' in state ? state.at : 'local' in state ? state.local : null
  const remote = 'remote' in state ? state.remote : 'peer' in state ? state.peer : null
  if (local !== null) Object.assign(values, ofAddress(key, local))
  if (remote !== null && remote !== undefined) values[`${key}.peer`] = formatEndpoint(remote)
  return values
}

function ofAddress(key: string, at: Endpoint): Record<string, string> {
  const values: Record<string, string> = { [`${key}.address`]: formatEndpoint(at) }
  if (hasPort(at)) {
    values[`${key}.port`] = String(at.port)
    values[`${key}.host`] = at.host
  }
  if (hasPath(at)) {
    values[`${key}.path`] = at.path
    const file = at.path.startsWith('/') ? lstatSync(at.path, { throwIfNoEntry: false }) : undefined
    if (file !== undefined) values[`${key}.mode`] = modeText(file.mode)
  }
  return values
}

function ofFault(key: string, { code, syscall }: Fault): Record<string, string> {
  return { ...ofErrno(key, code), ...(syscall !== undefined && { [`${key}.syscall`]: syscall }) }
}

function ofErrno(key: string, code: string): Record<string, string> {
  const number = errnoNumber(code)
  return { [`${key}.error`]: code, ...(number !== 0 && { [`${key}.errno`]: String(number) }) }
}

function faultOf(places: Places, id: SocketId | null): Fault | null {
  if (id === null || !isConnectionId(id)) return null
  const state = places.connection(id)?.state
  return state !== undefined && 'fault' in state ? (state.fault ?? null) : null
}

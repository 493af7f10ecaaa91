import { type ScriptedCall } from '../../../shared/model/experiment'
import { type ActOfKind, benchSock } from '../plan/plan'
import { addressFor, isTaken, left, type CallAct } from './bench'
import { receive, send } from './benchTalk'
import { type BenchState, type Script } from './script'

type Call<Name extends 'socket' | 'setsockopt'> = Extract<ScriptedCall, { call: Name }>

/** Told once in each program that has such calls. */
const CALLS =
  'Node has no socket calls to be made one at a time, and none that blocks: what they come to is done with its servers, streams and datagram sockets.'

export function call(script: Script, act: CallAct): void {
  if (!script.notes.includes(CALLS)) script.notes.push(CALLS)
  const { of } = act
  if (of.call === 'socket') return make(script, act, of)
  const state = script.bench.get(of.on)
  if (state === undefined) return left(script, act)
  if (act.expected?.is === 'blocks') return block(script, act, state)
  take(script, act, state, act.withinMs)
}

function make(script: Script, act: CallAct, of: Call<'socket'>): void {
  const name = act.names[0] ?? ''
  const variable = script.variable(benchSock(name))
  const isUdp = of.type === 'SOCK_DGRAM' && of.family !== 'AF_UNIX'
  if (of.type === 'SOCK_RAW' || (of.type === 'SOCK_DGRAM' && !isUdp)) {
    script.absent.add(name)
    return left(
      script,
      act,
      of.type === 'SOCK_RAW' ? 'Node has no raw sockets' : 'Node has no datagram sockets of AF_UNIX',
    )
  }
  const state: BenchState = {
    name,
    variable,
    kind: isUdp ? 'udp' : 'made',
    family: of.family,
    address: null,
    accepted: 0,
    isLingering: false,
    isOver: false,
  }
  script.bench.set(name, state)
  if (!isUdp) return script.comment(`${act.source}: Node makes the socket when it listens or connects.`)
  script.page.line(
    `${script.declare(variable)} = new ${script.use('Datagrams')}('${name}', ${script.module('dgram')}.createSocket('udp${of.family === 'AF_INET6' ? 6 : 4}'))`,
    'socket(2): a UDP socket, udp(7).',
  )
}

function take(script: Script, act: CallAct, state: BenchState, ms: number): void {
  const { of, expected } = act
  const { page } = script
  if (
    state.isOver &&
    of.call !== 'close' &&
    !(of.call === 'recv' && expected?.is !== 'raises' && !state.isBroken)
  )
    return left(script, act, 'Node does nothing more with it')
  switch (of.call) {
    case 'bind':
      return bind(script, act, state)
    case 'listen':
      return listen(script, act, state, of.backlog)
    case 'accept': {
      if (state.kind !== 'server' || expected?.is === 'raises')
        return left(script, act, 'Node calls back when somebody comes')
      const name = act.names[0] ?? 'line'
      const variable = script.variable(benchSock(name))
      page.line(
        `${script.declare(variable)} = await ${script.use('caller')}(${state.variable}, ${script.callers(state.name)}, ${++state.accepted}, ${ms})`,
        'accept(2): the caller, as soon as Node has accepted it.',
      )
      script.bench.set(name, { ...state, name, variable, kind: 'stream', accepted: 0, address: null })
      return
    }
    case 'connect':
    case 'connect_ex':
      return connect(script, act, state)
    case 'send':
    case 'sendall':
    case 'sendto':
      return send(script, act, state, of.bytes)
    case 'recv':
    case 'recvfrom':
      return receive(script, act, state, of, ms)
    case 'shutdown':
      if (state.kind !== 'stream' || of.how === 'SHUT_RD') return left(script, act)
      state.isOver = true
      return page.line(
        `${state.variable}.socket.end()`,
        'shutdown(2): sends FIN, we have said all; what the peer says can still be read.',
      )
    case 'close':
      return close(script, act, state)
    case 'setsockopt':
      return option(script, act, state, of)
    case 'setblocking':
    case 'settimeout':
      return left(script, act, 'no call of Node waits')
    default:
      left(script, act)
  }
}

function bind(script: Script, act: CallAct, state: BenchState): void {
  const { page } = script
  const { expected } = act
  const address = addressFor(script, act)
  if (address === null) return left(script, act, 'whose address that is cannot be asked in Node')
  if (state.kind === 'udp') {
    const at = script.address(address).replace('host:', 'address:')
    page.line(`${state.variable}.socket.bind({ ${at} })`, 'bind(2): gives the socket its address.')
    return bound(script, state, expected?.is === 'raises' ? expected.code : null)
  }
  if (expected?.is === 'raises') {
    if (expected.code === 'EADDRINUSE' && !isTaken(script, address))
      return left(script, act, 'in Node nobody has this address now, or SO_REUSEADDR lets it be bound')
    const other = script.named(`failing ${page.lines.length}`, `${state.name}Failing`)
    page.line(
      `const ${other} = ${script.module('net')}.createServer()`,
      'bind(2) is a part of listening in Node.',
    )
    page.line(`${other}.listen({ ${script.address(address)} })`, 'socket(2), bind(2), listen(2)')
    return page.line(
      `await ${script.use('expectFailure')}('${state.name}', ${script.once()}(${other}, 'listening'), '${expected.code}')`,
      `It must fail with ${expected.code}: errno(3).`,
    )
  }
  state.address = address
  script.comment(`${act.source}: Node binds when it listens or connects.`)
}

function bound(script: Script, state: BenchState, fails: string | null): void {
  const { page } = script
  const event = `${script.once()}(${state.variable}.socket, 'listening')`
  if (fails !== null)
    return page.line(
      `await ${script.use('expectFailure')}('${state.name}', ${event}, '${fails}')`,
      `It must fail with ${fails}: errno(3).`,
    )
  page.line(`await ${event}`, 'Resolves when that is done.')
  page.line(
    `${script.declare(script.bound(state.name, 'port'))} = ${state.variable}.socket.address().port`,
    'getsockname(2): the port that it has now.',
  )
}

function listen(script: Script, act: CallAct, state: BenchState, backlog: number): void {
  const { page } = script
  const { variable, name, address } = state
  const callers = script.callers(name)
  page.line(
    `${script.declare(variable)} = ${script.module('net')}.createServer({ allowHalfOpen: true })`,
    'A server. With allowHalfOpen a connection is not closed by itself when its peer has finished.',
  )
  page.line(`${script.declare(callers)} = []`, 'Its callers, in the order in which they come.')
  page.line(
    `${variable}.on('connection', (socket) => ${callers}.push(new ${script.use('Stream')}('${name}', socket)))`,
    'accept(2): once for each caller; what it sends waits there.',
  )
  page.line(
    `${variable}.listen({ ${address === null ? 'port: 0' : script.address(address)}, backlog: ${Math.max(0, backlog)} })`,
    'socket(2), bind(2), listen(2): Node makes all three, and sets SO_REUSEADDR before.',
  )
  const event = `${script.once()}(${variable}, 'listening')`
  if (act.expected?.is === 'raises')
    return page.line(
      `await ${script.use('expectFailure')}('${name}', ${event}, '${act.expected.code}')`,
      `It must fail with ${act.expected.code}: errno(3).`,
    )
  page.line(`await ${event}`, 'Resolves when it listens.')
  state.kind = 'server'
  script.listening.add(name)
  if (address !== null && 'path' in address) {
    script.files.add(JSON.stringify(address.path))
    if (script.plan.referred.has(name))
      page.line(
        `${script.declare(script.bound(name, 'path'))} = ${script.unixPath(address.path)}`,
        'Where it is called.',
      )
    return
  }
  page.line(
    `${script.declare(script.bound(name, 'port'))} = ${variable}.address().port`,
    'getsockname(2): the port that it has now.',
  )
}

function connect(script: Script, act: CallAct, state: BenchState): void {
  const { page } = script
  const { expected, of } = act
  const address = addressFor(script, act)
  if (address === null) return left(script, act, 'whom it calls is not there in Node')
  if (
    'port' in address &&
    address.port.some((each) => typeof each !== 'string' && 'of' in each && script.isUnknown(each.of))
  )
    return left(script, act, 'whom it calls is not there in Node')
  if (state.kind === 'udp') {
    if (!('port' in address)) return left(script, act)
    page.line(
      `${state.variable}.socket.connect(${script.number(address.port)}, ${script.text(address.host)})`,
      'connect(2) of a datagram socket sends nothing: it says where to, and from whom alone it hears.',
    )
    page.line(`await ${script.once()}(${state.variable}.socket, 'connect')`, 'Resolves when that is done.')
    state.kind = 'connectedUdp'
    return
  }
  const code = expected?.is === 'raises' ? expected.code : null
  if (
    (of.call === 'connect_ex' && expected?.is === 'gives' && expected.text !== '0') ||
    code === 'EINPROGRESS' ||
    code === 'EISCONN' ||
    code === 'EALREADY'
  )
    return left(script, act, 'Node tells of no such number')
  const from =
    state.address !== null && 'host' in state.address
      ? `, localAddress: ${script.text(state.address.host)}`
      : ''
  page.line(
    `${script.declare(state.variable)} = new ${script.use('Stream')}('${state.name}', ${script.module('net')}.connect({ ${script.address(address)}${from}, allowHalfOpen: true }))`,
    'socket(2), connect(2): begins to call.',
  )
  const event = `${script.once()}(${state.variable}.socket, 'connect')`
  if (code === 'ECONNREFUSED' && 'path' in address && !script.files.has(JSON.stringify(address.path)))
    return left(script, act, 'Node has removed the file with its server')
  if (code !== null)
    return page.line(
      `await ${script.use('expectFailure')}('${state.name}', ${event}, '${code}')`,
      `It must fail with ${code}: errno(3).`,
    )
  page.line(`await ${event}`, 'Resolves when somebody has answered, rejects when nobody does.')
  state.kind = 'stream'
}

function close(script: Script, act: CallAct, state: BenchState): void {
  const { page } = script
  script.bench.delete(state.name)
  switch (state.kind) {
    case 'made':
      return left(script, act, 'Node has made nothing yet')
    case 'server':
      script.listening.delete(state.name)
      if (state.address !== null && 'path' in state.address) {
        script.files.delete(JSON.stringify(state.address.path))
        script.comment('Node removes the file of a Unix socket with its server; close(2) alone leaves it.')
      }
      return page.line(
        `${state.variable}.close()`,
        'close(2): nobody can call it any more; its callers stay.',
      )
    case 'stream':
      if (state.isLingering)
        return page.line(
          `${state.variable}.socket.resetAndDestroy()`,
          'SO_LINGER with 0 seconds, close(2): sends RST.',
        )
      page.line(
        `if (${state.variable}.bytes.length > 0) ${state.variable}.socket.resetAndDestroy()`,
        'close(2) with unread bytes sends RST; Node has read them already, and resets by itself.',
      )
      return page.line(
        `else await ${script.use('close')}(${state.variable}.socket)`,
        'shutdown(2), close(2): sends FIN, hangs up.',
      )
    default:
      return page.line(`${state.variable}.socket.close()`, 'close(2): the socket is gone.')
  }
}

function option(
  script: Script,
  act: CallAct,
  state: BenchState,
  { option: name, value }: Call<'setsockopt'>,
): void {
  const { page } = script
  if (name === 'SO_LINGER' && typeof value !== 'number' && value[0] === 1 && value[1] === 0) {
    state.isLingering = true
    return script.comment(`${act.source}: Node has resetAndDestroy() for it.`)
  }
  if (state.kind === 'stream' && name === 'TCP_NODELAY')
    return page.line(
      `${state.variable}.socket.setNoDelay(${value !== 0})`,
      'TCP_NODELAY of tcp(7): small writes do not wait.',
    )
  if (state.kind === 'stream' && name === 'SO_KEEPALIVE')
    return page.line(
      `${state.variable}.socket.setKeepAlive(${value !== 0})`,
      'SO_KEEPALIVE of socket(7): a quiet connection is probed.',
    )
  left(script, act, name === 'SO_REUSEADDR' ? 'Node sets it on every server itself' : 'Node cannot set it')
}

function block(script: Script, act: CallAct, state: BenchState): void {
  const { of } = act
  script.blocked.set(state.name, act)
  const waits = of.call === 'accept' || of.call === 'recv' || of.call === 'recvfrom'
  script.comment(
    `${act.source}: ${waits ? 'nothing waits in Node, which calls back when something comes' : 'left out, no call of Node blocks'}.`,
  )
}

export function returns(script: Script, { on, expected, withinMs }: ActOfKind<'returns'>): void {
  const state = script.bench.get(on)
  const act = script.blocked.get(on)
  script.blocked.delete(on)
  if (state === undefined || act === undefined || !['accept', 'recv', 'recvfrom'].includes(act.of.call))
    return script.comment(`Left out: the call on ${on} comes back.`)
  take(script, { ...act, expected }, state, withinMs)
}

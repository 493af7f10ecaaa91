import { TIMEOUT_ERROR, type ScriptedCall } from '../../../shared/model/experiment'
import { bytesInPython } from '../pythonBytes'
import { addressFor, left, type CallAct } from './bench'
import { type BenchState, type Script } from './script'

type Receive = Extract<ScriptedCall, { readonly bufsize: number }>

export function send(script: Script, act: CallAct, state: BenchState, bytes: Uint8Array): void {
  const { page } = script
  const { expected, of } = act
  if (expected?.is === 'until' || (expected?.is === 'raises' && expected.code === 'EAGAIN'))
    return left(script, act, 'what the kernel does not take, Node keeps: nothing fails with EAGAIN')
  const data = script.bytes(bytes)
  if (state.kind === 'udp' || state.kind === 'connectedUdp') {
    const to = of.call === 'sendto' ? addressFor(script, act) : null
    if (of.call === 'sendto' && (to === null || !('port' in to))) return left(script, act)
    const target = to !== null && 'port' in to ? `, ${script.number(to.port)}, ${script.text(to.host)}` : ''
    if (expected?.is === 'raises')
      return page.line(
        `await ${script.use('expectFailure')}('${state.name}', ${script.use('sendDatagram')}(${state.variable}.socket, ${data}${target}), '${expected.code}')`,
        `sendmsg(2): must fail with ${expected.code}.`,
      )
    return page.line(
      `await ${script.use('sendDatagram')}(${state.variable}.socket, ${data}${target})`,
      'sendmsg(2): one datagram.',
    )
  }
  if (state.kind !== 'stream') return left(script, act)
  page.line(
    `${state.variable}.socket.write(${data})`,
    'send(2): what the kernel does not take at once, Node keeps and sends as soon as it does.',
  )
  if (expected?.is === 'raises') fails(script, state, expected.code, act.withinMs)
}

function fails(script: Script, state: BenchState, code: string, ms: number): void {
  state.isOver = true
  state.isBroken = true
  script.page.line(
    `await ${state.variable}.${script.method('expectError')}('${code}', ${ms})`,
    `The connection must fail with ${code}: errno(3).`,
  )
}

export function receive(script: Script, act: CallAct, state: BenchState, of: Receive, ms: number): void {
  const { page } = script
  const { expected } = act
  const wanted = expected?.is === 'gives' ? bytesInPython(expected.text) : null
  if (state.kind === 'udp' || state.kind === 'connectedUdp') {
    if (expected?.is === 'raises' || of.flags.includes('MSG_PEEK')) return left(script, act)
    const next = `await ${state.variable}.next(${ms})`
    // A shorter read would have cut it.
    const cut =
      wanted !== null && wanted.length === of.bufsize ? `(${next}).subarray(0, ${of.bufsize})` : next
    if (wanted !== null)
      return page.line(
        `${script.use('expectSame')}('${state.name}', ${cut}, ${script.bytes(wanted)})`,
        'recvmsg(2): the next datagram, which Node always reads as a whole.',
      )
    return page.line(next, 'recvmsg(2): the next datagram.')
  }
  if (state.kind !== 'stream') return left(script, act)
  if (expected?.is === 'raises') {
    if (expected.code === 'EAGAIN' || expected.code === TIMEOUT_ERROR)
      return page.line(
        `await ${state.variable}.${script.method('expectNothing')}(0)`,
        'Nothing is there: recv(2) would say EAGAIN.',
      )
    return fails(script, state, expected.code, ms)
  }
  if (of.flags.includes('MSG_PEEK') || expected?.is === 'until')
    return left(script, act, 'what has come is read by Node at once')
  if (wanted?.length === 0)
    return page.line(
      `await ${state.variable}.${script.method('expectEnd')}(${ms})`,
      'recv(2) would give no bytes: the peer has finished, FIN.',
    )
  if (wanted !== null)
    return page.line(
      `await ${state.variable}.${script.method('expect')}(${script.bytes(wanted)}, ${ms})`,
      'recv(2), as often as it takes: these bytes must come.',
    )
  page.line(
    `await ${state.variable}.${script.method('some')}(${of.bufsize}, ${ms})`,
    'recv(2): whatever has come, up to so many bytes.',
  )
}

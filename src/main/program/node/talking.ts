import { type ActOfKind, type Sock } from '../plan/plan'
import { quoted, type Script } from './script'

export function send(script: Script, { sock, payload, fails, withinMs }: ActOfKind<'send'>): void {
  const { page } = script
  const variable = script.variable(sock)
  const data = payload.is === 'file' ? fileText(script, payload.path) : script.bytes(payload.bytes)
  if (sock.kind === 'datagram') {
    const sent = `${script.use('sendDatagram')}(${variable}.socket, ${data})`
    page.line(`await ${sent}`, 'sendmsg(2): one datagram, as it is.')
  } else
    page.line(
      `${variable}.socket.write(${data})`,
      payload.is !== 'file' && payload.bytes.length === 0
        ? 'send(2) of no bytes: on a stream nothing goes out.'
        : 'send(2): what the kernel does not take at once, Node keeps and sends as soon as it does.',
    )
  if (fails !== null) error(script, { sock, code: fails, withinMs })
}

function fileText(script: Script, path: string): string {
  script.imports.add('{ readFile } from node:fs/promises')
  return `await readFile(${quoted(path)})`
}

export function sendTo(script: Script, { sock, payload, to }: ActOfKind<'sendTo'>): void {
  const variable = script.variable(sock)
  const data = payload.is === 'file' ? fileText(script, payload.path) : script.bytes(payload.bytes)
  const target =
    to === null
      ? `${variable}.peer.port, ${variable}.peer.address`
      : to.kind === 'udp'
        ? `${script.number(to.port)}, ${script.text(to.host)}`
        : '0'
  script.page.line(
    `await ${script.use('sendDatagram')}(${variable}.socket, ${data}, ${target})`,
    to === null
      ? 'sendmsg(2): one datagram, to whoever has sent last.'
      : 'sendmsg(2): one datagram, to this address.',
  )
}

export function read(script: Script, { sock, wanted, withinMs }: ActOfKind<'read'>): void {
  const { page } = script
  const variable = script.variable(sock)
  if (wanted.is === 'bytes')
    return page.line(
      `await ${variable}.${script.method('expect')}(${script.bytes(wanted.bytes)}, ${withinMs})`,
      'Waits for as many bytes as are expected, in however many pieces, and compares them.',
    )
  if (wanted.is === 'length')
    return page.line(
      `await ${variable}.${script.method('skip')}(${wanted.lengthBytes}, ${withinMs})`,
      'Waits for so many bytes, whatever they are.',
    )
  page.line(
    `await ${variable}.${script.method('match')}(${patternText(wanted.source, wanted.flags)}, ${withinMs})`,
    'Waits until what has come fits the expression.',
  )
}

/** The expression is JavaScript's own; each byte is one character to it. */
function patternText(source: string, flags: string): string {
  return String(new RegExp(source, flags)).replace(
    /[^ -~]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

export function readDatagram(script: Script, { sock, wanted, withinMs }: ActOfKind<'readDatagram'>): void {
  const { page } = script
  const next = `await ${script.variable(sock)}.next(${withinMs})`
  if (wanted.is === 'bytes')
    return page.line(
      `${script.use('expectSame')}('${sock.name}', ${next}, ${script.bytes(wanted.bytes)})`,
      'Waits for a datagram, and compares it as a whole.',
    )
  const test =
    wanted.is === 'length'
      ? `(${next}).length !== ${wanted.lengthBytes}`
      : `!${patternText(wanted.source, wanted.flags)}.test((${next}).toString('latin1'))`
  page.line(
    `if (${test})`,
    wanted.is === 'length'
      ? 'Waits for a datagram; only its length counts.'
      : 'Waits for a datagram, which must fit the expression.',
  )
  page.in(() => page.line(`throw new Error('${sock.name}: another datagram came than expected')`))
}

export function end(script: Script, act: ActOfKind<'end'>): void {
  const { sock, how, isExact, isAfterFin, withinMs } = act
  if (isAfterFin)
    return script.cannot(
      `Node reads no more once FIN has come, and does not notice an RST after it: it is not looked at.`,
    )
  if (how === 'reset') return error(script, { sock, code: 'ECONNRESET', withinMs })
  const variable = script.variable(sock)
  script.page.line(
    `await ${variable}.${script.method(isExact ? 'expectEnd' : 'toEnd')}(${withinMs})`,
    'Waits until the peer has sent FIN, by close(2) or shutdown(2).',
  )
}

export function error(
  script: Script,
  { sock, code, withinMs }: { sock: Sock; code: string; withinMs: number },
): void {
  const { page } = script
  const variable = script.variable(sock)
  if (sock.kind !== 'datagram')
    return page.line(
      `await ${variable}.${script.method('expectError')}('${code}', ${withinMs})`,
      `The connection must fail with ${code}: errno(3).`,
    )
  page.line(
    `await ${variable}.until(() => ${variable}.problems.length > 0, ${withinMs}, () => 'expected ${code}, and nothing failed')`,
    'recvmsg(2) tells of an error that has come by ICMP: udp(7).',
  )
  page.line(
    `if (${variable}.problems[0].code !== '${code}') throw ${variable}.problems[0]`,
    `It must be ${code}: errno(3).`,
  )
}

export function silence(script: Script, { sock, withinMs }: ActOfKind<'silence'>): void {
  const { page } = script
  const variable = script.variable(sock)
  if (sock.kind !== 'datagram')
    return page.line(
      `await ${variable}.${script.method('expectNothing')}(${withinMs})`,
      'Waits for so long; nothing must come.',
    )
  page.line(`await ${script.sleep()}(${withinMs})`, 'Meanwhile nothing must come.')
  page.line(
    `if (${variable}.waiting.length > 0) throw new Error('${sock.name}: expected nothing, and a datagram came')`,
    'A datagram would wait here.',
  )
}

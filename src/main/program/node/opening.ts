import { type Ask } from '../../../shared/model/socketOptions/asks'
import { laterIn, wordsIn } from '../plan/addresses'
import { type ActOfKind, type End, type ListeningEnd, type Sock } from '../plan/plan'
import { isTaken } from './bench'
import { impairing } from './impairing'
import { answer } from './behaviours'
import { type Script } from './script'

/** Options of streams that Node can set, as its words have them. */
const streamWords: Readonly<Record<string, (value: Ask['value']) => string>> = {
  TCP_NODELAY: (value) => `noDelay: ${value === true}`,
  SO_KEEPALIVE: (value) => `keepAlive: ${value === true}`,
  TCP_KEEPIDLE: (value) => `keepAliveInitialDelay: ${Number(value) * 1000}`,
}

function words(script: Script, asks: readonly Ask[], name: string): string {
  const known = asks.flatMap(({ name: option, value }) => streamWords[option]?.(value) ?? [])
  const others = asks.filter(
    ({ name: option, value }) =>
      streamWords[option] === undefined && value !== false && option !== 'IPV6_V6ONLY',
  )
  if (others.length > 0)
    script.cannot(
      `Node cannot set ${others.map((each) => each.name).join(', ')} of ${name}: left as the kernel has it.`,
    )
  return known.map((each) => `, ${each}`).join('')
}

const isOwn = ({ plan }: Script, end: End): boolean => plan.only === end.name

/** Whether it needs somebody who is not there in Node. */
export function isCutOff(script: Script, end: End): boolean {
  const names = wordsIn(end.address)
    .flatMap(laterIn)
    .flatMap((each) => ('of' in each ? [each.of] : []))
  return names.some((each) => script.isUnknown(each))
}

function leaveOut(script: Script, end: End, why: string): void {
  script.absent.add(end.name)
  script.cannot(why)
}

export function listen(script: Script, { end, sock, fails, withinMs }: ActOfKind<'listen'>): void {
  const { page, plan } = script
  if (isCutOff(script, end))
    return leaveOut(
      script,
      end,
      `${end.name} is left out: its address is that of somebody who is not there in Node.`,
    )
  const isFixed = wordsIn(end.address).flatMap(laterIn).length === 0
  if (fails === 'EADDRINUSE' && end.address.kind === 'tcp' && !isFixed && !isTaken(script, end.address))
    return script.cannot(
      `Node sets SO_REUSEADDR on every server: that ${end.name} is refused without it cannot be shown.`,
    )
  const isShared = end.asks.some(({ name, value }) => name === 'SO_REUSEPORT' && value === true)
  if (isShared && wordsIn(end.address).flatMap(laterIn).length > 0)
    return leaveOut(
      script,
      end,
      `Node 20 cannot set SO_REUSEPORT: ${end.name} cannot share the address, and is left out.`,
    )
  const variable = script.variable(sock)
  const more = words(
    script,
    [...end.accepted, ...end.asks.filter(({ name }) => streamWords[name] !== undefined)],
    end.name,
  )
  words(
    script,
    end.asks.filter(({ name }) => streamWords[name] === undefined),
    end.name,
  )
  if (end.accept === 'manually')
    script.cannot(
      `A server of Node accepts every caller as it comes: there is no accept(2) to be called by hand, and nobody waits in the kernel's queue of ${end.name}.`,
    )
  page.line(
    `${script.declare(variable)} = ${script.module('net')}.createServer({ allowHalfOpen: true${more} })`,
    'A server. With allowHalfOpen a connection is not closed by itself when its peer has finished.',
  )
  if (fails === null) connections(script, end, sock)
  const backlog = end.backlog === null ? '' : `, backlog: ${end.backlog}`
  const ipv6 = end.asks.some(({ name, value }) => name === 'IPV6_V6ONLY' && value === true)
    ? ', ipv6Only: true'
    : ''
  page.line(
    `${variable}.listen({ ${script.address(end.address, isOwn(script, end))}${backlog}${ipv6} })`,
    'socket(2), bind(2), listen(2): Node makes all three, and sets SO_REUSEADDR before.',
  )
  const listening = `${script.once()}(${variable}, 'listening', { signal: AbortSignal.timeout(${withinMs}) })`
  if (fails !== null) {
    page.line(
      `await ${script.use('expectFailure')}('${end.name}', ${listening}, '${fails}')`,
      `It must fail with ${fails}: errno(3).`,
    )
    return
  }
  script.listening.add(end.name)
  if ('path' in end.address) script.files.add(JSON.stringify(end.address.path))
  page.line(`await ${listening}`, 'Resolves when it listens, and rejects where it cannot.')
  if (plan.referred.has(end.name) && end.address.kind === 'tcp')
    page.line(
      `${script.declare(script.bound(end.name, 'port'))} = ${variable}.address().port`,
      'getsockname(2): the port that it has now, for those who will call it.',
    )
  if (!isOwn(script, end)) return
  if ('path' in end.address)
    page.line("console.log('listening on', path)", 'Tells those who wait for it that it is there.')
  else
    page.line(
      `console.log('listening on', ${variable}.address().address, ${variable}.address().port)`,
      'Tells where: of port 0 only the kernel knows what it has become, getsockname(2).',
    )
  if (end.behaviour.is !== 'none')
    page.line(
      `await ${script.once()}(${variable}, 'close')`,
      'Serves whoever calls, until the program is stopped (Ctrl-C).',
    )
}

/** What is done with callers as they come. */
function connections(script: Script, end: ListeningEnd, sock: Sock): void {
  const { page, plan } = script
  const variable = script.variable(sock)
  const isKept = plan.acts.some((each) => each.do === 'accept' && each.listener.name === end.name)
  const callers = script.callers(end.name)
  if (isKept) page.line(`${script.declare(callers)} = []`, 'Its callers, in the order in which they come.')
  const isServed = end.behaviour.is !== 'none'
  if (!isKept && !isServed) return
  const served = isServed ? answer(script, end) : ''
  if (isServed && end.accept === 'serially') {
    script.cannot(
      `A server of Node accepts every caller as it comes, also while ${end.name} serves another: what is done one after the other is the serving.`,
    )
    page.line(`let ${variable}Turn = Promise.resolve()`, 'Resolves when the caller before has gone.')
  }
  page.line(`${variable}.on('connection', (socket) => {`, 'accept(2): once for each caller.')
  page.in(() => {
    if (isKept)
      page.line(
        `${callers}.push(new ${script.use('Stream')}('${end.name}', socket))`,
        'What it sends waits there.',
      )
    if (!isServed) return
    if (end.accept !== 'serially') return page.line(`${served}(socket)`, 'Others can be answered meanwhile.')
    page.line('socket.pause()', 'What it says stays in the kernel until its turn comes.')
    page.line(`${variable}Turn = ${variable}Turn.then(() => {`)
    page.in(() => {
      page.line(`${served}(socket)`, 'Now it is answered.')
      page.line('socket.resume()', 'What it has said meanwhile comes now.')
      page.line(
        `return new Promise((resolve) => socket.once('close', resolve))`,
        'The next one has its turn when this one has gone.',
      )
    })
    page.line('})')
  })
  page.line('})')
}

export function dial(script: Script, { end, sock, fails, isPending, withinMs }: ActOfKind<'dial'>): void {
  const { page, plan } = script
  if (isCutOff(script, end))
    return leaveOut(script, end, `${end.name} is left out: it calls somebody who is not there in Node.`)
  if (fails === 'ETIMEDOUT' && calledByHand(script, end))
    return script.cannot(
      `A server of Node takes every call: that ${end.name} gives up, as nobody answers it, cannot be shown.`,
    )
  if (
    fails === 'ECONNREFUSED' &&
    'path' in end.address &&
    plan.only === null &&
    !script.files.has(JSON.stringify(end.address.path))
  )
    return script.cannot(
      `Node removes the file of a Unix socket with its server: that ${end.name} finds one where nobody listens cannot be shown.`,
    )
  const variable = script.variable(sock)
  const local = `${end.localHost === null ? '' : `, localAddress: '${end.localHost}'`}${end.localPort === 0 ? '' : `, localPort: ${end.localPort}`}`
  const more = words(script, end.asks, end.name)
  const connect = `${script.module('net')}.connect({ ${script.address(end.address, isOwn(script, end))}${local}, allowHalfOpen: true${more} })`
  page.line(
    `${script.declare(variable)} = new ${script.use('Stream')}('${end.name}', ${connect})`,
    'socket(2), connect(2): begins to call. With allowHalfOpen it is not closed by itself when the peer has finished.',
  )
  if (isPending) return
  const connected = `${script.once()}(${variable}.socket, 'connect', { signal: AbortSignal.timeout(${withinMs}) })`
  if (fails === null)
    page.line(`await ${connected}`, 'Resolves when somebody has answered, rejects when nobody does.')
  else
    page.line(
      `await ${script.use('expectFailure')}('${end.name}', ${connected}, '${fails}')`,
      `It must fail with ${fails}: errno(3).`,
    )
  if (fails === null && plan.referred.has(end.name))
    page.line(
      `${script.declare(script.bound(end.name, 'port'))} = ${variable}.socket.localPort`,
      'getsockname(2): our own port.',
    )
}

export function accept(script: Script, { end, listener, sock, withinMs }: ActOfKind<'accept'>): void {
  script.page.line(
    `${script.declare(script.variable(sock))} = await ${script.use('caller')}(${script.variable(listener)}, ${script.callers(end.name)}, ${sock.caller}, ${withinMs})`,
    'The caller, as soon as Node has accepted it.',
  )
}

/** Whether it calls a listener of the program whose callers are accepted by hand. */
function calledByHand({ plan }: Script, { address }: End): boolean {
  const names = wordsIn(address)
    .flatMap(laterIn)
    .flatMap((each) => ('of' in each ? [each.of] : []))
  return plan.ends.some(
    (each) => each.kind === 'listener' && each.accept === 'manually' && names.includes(each.name),
  )
}

/** What Node sets by a method of its own once the socket is bound. */
const datagramMethods: Readonly<Record<string, (value: Ask['value']) => string>> = {
  SO_BROADCAST: (value) => `setBroadcast(${value === true})`,
  IP_TTL: (value) => `setTTL(${Number(value)})`,
  IPV6_UNICAST_HOPS: (value) => `setTTL(${Number(value)})`,
  IP_MULTICAST_TTL: (value) => `setMulticastTTL(${Number(value)})`,
  IPV6_MULTICAST_HOPS: (value) => `setMulticastTTL(${Number(value)})`,
  IP_MULTICAST_LOOP: (value) => `setMulticastLoopback(${value === true})`,
  IPV6_MULTICAST_LOOP: (value) => `setMulticastLoopback(${value === true})`,
  IP_MULTICAST_IF: (value) => `setMulticastInterface('${typeof value === 'string' ? value : ''}')`,
}
const datagramWords: Readonly<Record<string, (value: Ask['value']) => string>> = {
  SO_RCVBUF: (value) => `recvBufferSize: ${Number(value)}`,
  SO_SNDBUF: (value) => `sendBufferSize: ${Number(value)}`,
  SO_REUSEADDR: (value) => `reuseAddr: ${value === true}`,
  IPV6_V6ONLY: (value) => `ipv6Only: ${value === true}`,
}

export function bind(script: Script, { end, sock, fails, withinMs }: ActOfKind<'bind'>): void {
  const { page, plan } = script
  const { address } = end
  if (address.kind !== 'udp')
    return leaveOut(
      script,
      end,
      address.kind === 'raw'
        ? `Node has no raw sockets: ${end.name} is left out.`
        : `Node has no datagram sockets of AF_UNIX: ${end.name} is left out.`,
    )
  if (isCutOff(script, end))
    return leaveOut(script, end, `${end.name} is left out: it sends to somebody who is not there in Node.`)
  const variable = script.variable(sock)
  const others = end.asks.filter(
    ({ name, value }) =>
      datagramMethods[name] === undefined && datagramWords[name] === undefined && value !== false,
  )
  if (others.length > 0)
    script.cannot(
      `Node cannot set ${others.map((each) => each.name).join(', ')} of ${end.name}: left as the kernel has it.`,
    )
  const more = end.asks
    .flatMap(({ name, value }) => datagramWords[name]?.(value) ?? [])
    .map((each) => `, ${each}`)
  page.line(
    `${script.declare(variable)} = new ${script.use('Datagrams')}('${end.name}', ${script.module('dgram')}.createSocket({ type: 'udp${address.family ?? 4}'${more.join('')} }))`,
    'socket(2): a UDP socket, udp(7).',
  )
  const own = isOwn(script, end)
  const host = own ? 'host' : script.text(address.host)
  const port = own ? 'port' : script.number(address.port)
  if (end.isConnected)
    page.line(
      `${variable}.socket.connect(${port}, ${host})`,
      'connect(2) of a datagram socket sends nothing: it says where to, and from whom alone it hears.',
    )
  else
    page.line(
      `${variable}.socket.bind({ address: ${host}, port: ${port} })`,
      'bind(2): gives the socket its address.',
    )
  const event = `${script.once()}(${variable}.socket, '${end.isConnected ? 'connect' : 'listening'}', { signal: AbortSignal.timeout(${withinMs}) })`
  if (fails !== null)
    return page.line(
      `await ${script.use('expectFailure')}('${end.name}', ${event}, '${fails}')`,
      `It must fail with ${fails}: errno(3).`,
    )
  page.line(`await ${event}`, 'Resolves when that is done.')
  for (const { name, value } of end.asks) {
    const method = datagramMethods[name]?.(value)
    if (method !== undefined) page.line(`${variable}.socket.${method}`, `setsockopt(2): ${name}.`)
  }
  if (plan.referred.has(end.name))
    page.line(
      `${script.declare(script.bound(end.name, 'port'))} = ${variable}.socket.address().port`,
      'getsockname(2): the port that it has now.',
    )
  if (own && !end.isConnected)
    page.line(
      `console.log('listening on', ${variable}.socket.address().address, ${variable}.socket.address().port)`,
      'Tells where: of port 0 only the kernel knows what it has become, getsockname(2).',
    )
  if (end.behaviour.is === 'none') return
  if (end.behaviour.is === 'impair') return impairing(script, end.behaviour, sock, own)
  page.line(`${variable}.socket.on('message', (bytes, peer) => {`, 'Each datagram is answered by itself.')
  page.in(() => {
    const text = datagramAnswer(script, end.behaviour)
    if (text !== null)
      page.line(
        `${variable}.socket.send(${text}, peer.port, peer.address)`,
        'sendmsg(2): one datagram, back to who has sent.',
      )
  })
  page.line('})')
  if (own)
    page.line(
      `await ${script.once()}(${variable}.socket, 'close')`,
      'Answers whoever sends, until the program is stopped (Ctrl-C).',
    )
}

function datagramAnswer(script: Script, behaviour: ActOfKind<'bind'>['end']['behaviour']): string | null {
  switch (behaviour.is) {
    case 'echo':
      return 'bytes'
    case 'upper':
      return 'bytes.toString().toUpperCase()'
    case 'reply':
      return script.bytes(behaviour.bytes)
    case 'daytime':
      return '`${new Date().toISOString()}\\r\\n`'
    case 'chargen':
      return 'Buffer.from(Array.from({ length: 512 }, (_, n) => 32 + (n % 95)))'
    default:
      return null
  }
}

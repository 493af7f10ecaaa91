import { bindAbout } from '../serverWords'
import { fixed } from '../plan/addresses'
import { type ActOfKind, type End, type Sock, fileOf } from '../plan/plan'
import { answering } from './behaviours'
import { answeringDatagrams } from './datagramBehaviours'
import { setOption } from './options'
import { type Script } from './script'

const families = { 4: 'AF_INET', 6: 'AF_INET6' } as const

function socketText(script: Script, { address }: End): string {
  switch (address.kind) {
    case 'tcp':
      return `socket(${families[address.family ?? 4]}, SOCK_STREAM, 0)`
    case 'udp':
      return `socket(${families[address.family ?? 4]}, SOCK_DGRAM, 0)`
    case 'raw':
      script.imports.add('netinet/in.h')
      return `socket(${families[address.family ?? 4]}, SOCK_RAW, ${address.protocol})`
    case 'unix':
      return 'socket(AF_UNIX, SOCK_STREAM, 0)'
    case 'unixgram':
      return 'socket(AF_UNIX, SOCK_DGRAM, 0)'
  }
}

const meanings = {
  tcp: 'socket(2): a TCP socket, tcp(7). It is a number, the descriptor.',
  udp: 'socket(2): a UDP socket, udp(7). It is a number, the descriptor.',
  unix: 'socket(2): a stream socket of this machine, with a path for an address, unix(7).',
  unixgram: 'socket(2): a datagram socket of this machine, with a path for an address, unix(7).',
  raw: 'socket(2): a raw socket, which sends and takes IP packets; it needs CAP_NET_RAW, raw(7).',
} as const

function make(script: Script, end: End, sock: Sock): void {
  const { page } = script
  const variable = script.variable(sock)
  page.line(`${script.declare('int ', variable)} = ${socketText(script, end)};`, meanings[end.address.kind])
  page.line(`if (${variable} == -1)`, 'Every call may fail; then it gives -1, and errno says why: errno(3).')
  page.in(() => page.line(`${script.use('die')}("socket");`))
  script.hasTimeout(sock, null)
  for (const each of end.asks) setOption(script, variable, each)
}

const isOwn = ({ plan }: Script, end: End): boolean => plan.only === end.name

export function listen(script: Script, { end, sock, fails }: ActOfKind<'listen'>): void {
  const { page } = script
  const variable = script.variable(sock)
  make(script, end, sock)
  if (end.reuseAddress)
    page.line(
      `${script.use('set_option')}(${variable}, SOL_SOCKET, SO_REUSEADDR, 1, "setsockopt SO_REUSEADDR");`,
      'SO_REUSEADDR of socket(7): binds although connections in TIME_WAIT still use the address.',
    )
  const at = script.address(end.address, end.name, isOwn(script, end))
  const backlog = end.backlog ?? 'SOMAXCONN'
  if (fails !== null) {
    script.imports.add('errno.h')
    page.line(
      `${script.use('expect_errno')}("${end.name}", "bind", ${fails}, bind(${variable}, ${at}) == -1 ? -1 : listen(${variable}, ${backlog}));`,
      `bind(2), and listen(2) where that has worked: one of them must fail with ${fails}.`,
    )
    return
  }
  script.check(`bind(${variable}, ${at})`, 'bind', bindAbout(end))
  remove(script, end)
  script.check(
    `listen(${variable}, ${backlog})`,
    'listen',
    'listen(2): from here on the kernel takes callers, and lets so many wait to be accepted.',
  )
  afterBind(script, end, sock)
  if (end.behaviour.is !== 'none') answering(script, end, sock)
}

function remove(script: Script, end: End): void {
  const file = fileOf(end)
  if (file === null) return
  script.page.line(
    `${script.use('remove_at_exit')}(${isOwn(script, end) ? 'path' : script.text(file)});`,
    'The file of a Unix socket stays when the socket is gone: it is removed at the end.',
  )
}

/** Keeps what others ask for, and tells where it is. */
function afterBind(script: Script, end: End, sock: Sock): void {
  const { page, plan } = script
  const variable = script.variable(sock)
  if (plan.referred.has(end.name)) {
    if ('path' in end.address)
      script.cannot(`The name that the kernel chose for ${end.name} is not asked for.`)
    else
      page.line(
        `${script.declare('unsigned short ', script.bound(end.name, 'port'))} = ${script.use('port_of')}(${variable});`,
        'getsockname(2): the port that it has now, for those who will call it.',
      )
  }
  if (!isOwn(script, end) || (end.kind === 'datagram' && end.isConnected)) return
  if ('path' in end.address)
    page.line('printf("listening on %s\\n", path);', 'Tells those who wait for it that it is there.')
  else
    page.line(
      `printf("listening on %s %d\\n", host, ${script.use('port_of')}(${variable}));`,
      'Tells where: of port 0 only the kernel knows what it has become, getsockname(2).',
    )
  page.line('fflush(stdout);', 'fflush(3): now, and not when the buffer is full.')
}

export function dial(script: Script, act: ActOfKind<'dial'>): void {
  const { page } = script
  const { end, sock, fails, isPending, withinMs } = act
  const variable = script.variable(sock)
  const { address } = end
  const own = isOwn(script, end)
  const isPlain =
    end.asks.length === 0 && end.localHost === null && end.localPort === 0 && !isPending && fails === null
  if (address.kind === 'tcp' && (own || address.family === null) && isPlain) {
    const host = own ? 'host, port' : `${script.text(address.host)}, ${script.text(address.port)}`
    page.line(
      `${script.declare('int ', variable)} = ${script.use('connect_to')}(${host}, ${withinMs});`,
      'getaddrinfo(3), socket(2), connect(2): tries each address of the host in turn.',
    )
    script.hasTimeout(sock, withinMs)
  } else {
    let to: string
    if (own && address.kind === 'tcp') {
      page.line(
        `struct addrinfo *to = ${script.use('look_up')}(host, port, SOCK_STREAM);`,
        'getaddrinfo(3): the first address of the host.',
      )
      page.line(`int ${variable} = socket(to->ai_family, to->ai_socktype, to->ai_protocol);`, meanings.tcp)
      page.line(`if (${variable} == -1)`)
      page.in(() => page.line(`${script.use('die')}("socket");`))
      for (const each of end.asks) setOption(script, variable, each)
      to = 'to->ai_addr, to->ai_addrlen'
    } else {
      make(script, end, sock)
      to = ''
    }
    if (end.localHost !== null || end.localPort !== 0) {
      const host = end.localHost ?? (address.kind === 'tcp' && address.family === 6 ? '::' : '0.0.0.0')
      const from = script.address(
        { kind: 'tcp', host: [host], port: [String(end.localPort)], family: host.includes(':') ? 6 : 4 },
        `${end.name}_from`,
      )
      script.check(
        `bind(${variable}, ${from})`,
        'bind',
        'bind(2): chooses the address that it calls from; a client needs none, the kernel would choose one.',
      )
    }
    if (to === '') to = script.address(address, end.name, own)
    if (isPending) {
      page.line(
        `${script.use('set_blocking')}(${variable}, 0);`,
        'From here on no call on this socket waits: fcntl(2), O_NONBLOCK.',
      )
      script.imports.add('errno.h')
      page.line(
        `${script.use('expect_errno')}("${end.name}", "connect", EINPROGRESS, connect(${variable}, ${to}));`,
        'connect(2) that does not wait: the kernel has begun, EINPROGRESS.',
      )
      script.hasTimeout(sock, null)
      return
    }
    script.timeout(sock, withinMs)
    if (fails === null)
      script.check(
        `connect(${variable}, ${to})`,
        'connect',
        'connect(2): comes back once somebody has answered, or refused.',
      )
    else {
      script.imports.add('errno.h')
      page.line(
        `${script.use('expect_errno')}("${end.name}", "connect", ${fails}, connect(${variable}, ${to}));`,
        `connect(2): must fail with ${fails}.`,
      )
      return
    }
  }
  if (script.plan.referred.has(end.name))
    page.line(
      `${script.declare('unsigned short ', script.bound(end.name, 'port'))} = ${script.use('port_of')}(${variable});`,
      'getsockname(2): our own port.',
    )
}

export function bind(script: Script, { end, sock, fails, withinMs }: ActOfKind<'bind'>): void {
  const { page } = script
  const variable = script.variable(sock)
  make(script, end, sock)
  if (end.isConnected && end.address.kind === 'unixgram') {
    page.line(`struct sockaddr_un ${variable}_none = {.sun_family = AF_UNIX};`, 'An address without a name.')
    script.imports.add('sys/un.h')
    script.check(
      `bind(${variable}, (struct sockaddr *)&${variable}_none, sizeof(sa_family_t))`,
      'bind',
      'bind(2) to no name: the kernel chooses one, so that it can be answered (unix(7), autobind).',
    )
  }
  const isUnnamed = 'path' in end.address && fixed(end.address.path) === ''
  if (!isUnnamed) {
    const to = script.address(end.address, end.name, isOwn(script, end))
    const call = end.isConnected ? 'connect' : 'bind'
    if (fails !== null) {
      script.imports.add('errno.h')
      page.line(
        `${script.use('expect_errno')}("${end.name}", "${call}", ${fails}, ${call}(${variable}, ${to}));`,
        `It must fail with ${fails}.`,
      )
      return
    }
    script.check(
      `${call}(${variable}, ${to})`,
      call,
      end.isConnected
        ? 'connect(2) of a datagram socket sends nothing: it says where to, and from whom alone it hears.'
        : bindAbout(end),
    )
    if (!end.isConnected) remove(script, end)
  }
  afterBind(script, end, sock)
  if (end.behaviour.is !== 'none') answeringDatagrams(script, end, sock)
  else script.timeout(sock, withinMs)
}

export function accept(script: Script, { end, listener, sock, withinMs }: ActOfKind<'accept'>): void {
  const { page } = script
  const variable = script.variable(sock)
  if (sock.isServed) {
    const type = sock.isOnlyEnd ? 'pthread_t' : 'struct watched'
    page.line(`${script.declare(`${type} `, variable)};`)
    page.line(
      `${script.use('hand_over') && 'take_over'}("${end.name}", ${script.variable(listener)}_callers[0], &${variable}, sizeof ${variable}, ${withinMs});`,
      'The next caller, as soon as the thread that answers has accepted it.',
    )
    script.hasTimeout(sock, null)
    return
  }
  script.timeout(listener, withinMs)
  page.line(
    `${script.declare('int ', variable)} = accept(${script.variable(listener)}, NULL, NULL);`,
    'accept(2): takes the caller that has waited longest; it gives a new socket for this one caller.',
  )
  page.line(`if (${variable} == -1)`)
  page.in(() => page.line(`${script.use('die')}("accept");`))
  script.hasTimeout(sock, null)
  for (const each of end.accepted) setOption(script, variable, each)
}

import { bindAbout } from '../serverWords'
import { fixed } from '../plan/addresses'
import { type ActOfKind, type End, type Sock, fileOf } from '../plan/plan'
import { optionLine } from './options'
import { answering, answeringDatagrams } from './behaviours'
import { secondsOf, type Script } from './script'

const families = { 4: 'AF_INET', 6: 'AF_INET6' } as const
const meanings = {
  tcp: 'A TCP socket: socket(2), tcp(7).',
  udp: 'A UDP socket: socket(2), udp(7).',
  unix: 'A stream socket of this machine, with a path for an address: socket(2), unix(7).',
  unixgram: 'A datagram socket of this machine, with a path for an address: socket(2), unix(7).',
  raw: 'A raw socket, which sends and takes IP packets; it needs CAP_NET_RAW: raw(7).',
} as const

function socketText({ address }: End): string {
  switch (address.kind) {
    case 'tcp':
      return `socket.socket(socket.${families[address.family ?? 4]}, socket.SOCK_STREAM)`
    case 'udp':
      return `socket.socket(socket.${families[address.family ?? 4]}, socket.SOCK_DGRAM)`
    case 'raw':
      return `socket.socket(socket.${families[address.family ?? 4]}, socket.SOCK_RAW, ${address.protocol})`
    case 'unix':
      return 'socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)'
    case 'unixgram':
      return 'socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)'
  }
}

/** Its address: of the one end that the program is, what the command line says. */
function addressText(script: Script, end: End): string {
  const { address } = end
  if (script.plan.only !== end.name) return script.address(address)
  return address.kind === 'tcp' || address.kind === 'udp'
    ? '(host, port)'
    : address.kind === 'raw'
      ? '(host, 0)'
      : 'path'
}

function make(script: Script, end: End, sock: Sock): void {
  const { page } = script
  const about = `${meanings[end.address.kind]} The stack closes it at the end, whatever happens.`
  page.line(`${script.variable(sock)} = stack.enter_context(${socketText(end)})`, about)
  script.hasTimeout(sock, null)
  for (const { name, value } of end.asks) page.line(...optionLine(script.variable(sock), name, value, script))
}

/** Lines that are to fail with an errno, or just the lines. */
function failing(script: Script, sock: Sock, code: string | null, write: () => void): void {
  if (code === null) return write()
  const { page } = script
  page.line(
    `with ${script.use('raises')}("${sock.name}", ${script.module('errno')}.${code}):`,
    `What follows must fail with ${code}: errno(3).`,
  )
  page.in(write)
}

export function listen(script: Script, { end, sock, fails }: ActOfKind<'listen'>): void {
  const { page } = script
  const variable = script.variable(sock)
  make(script, end, sock)
  if (end.reuseAddress)
    page.line(
      `${variable}.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)`,
      'SO_REUSEADDR of socket(7): binds although connections in TIME_WAIT still use the address.',
    )
  failing(script, sock, fails, () => {
    page.line(`${variable}.bind(${addressText(script, end)})`, bindAbout(end))
    page.line(
      `${variable}.listen(${end.backlog ?? ''})`,
      'listen(2): from here on the kernel takes callers, and lets so many wait to be accepted.',
    )
  })
  if (fails !== null) return
  afterBind(script, end, sock)
  if (end.behaviour.is !== 'none') answering(script, end, sock)
}

/** Tells where it is, removes its file at the end, keeps what others ask for. */
function afterBind(script: Script, end: End, sock: Sock): void {
  const { page, plan } = script
  const variable = script.variable(sock)
  const { address } = end
  const file = fileOf(end)
  if (file !== null) {
    const path = plan.only === end.name ? 'path' : script.unixPath(file)
    page.line(
      `stack.callback(${script.module('pathlib')}.Path(${path}).unlink, missing_ok=True)`,
      'The file of a Unix socket stays when the socket is gone: it is removed at the end.',
    )
  }
  if (plan.referred.has(end.name)) {
    if ('path' in address)
      page.line(
        `${script.bound(end.name, 'path')} = ${variable}.getsockname()`,
        'getsockname(2): the name that it has now.',
      )
    else
      page.line(
        `${script.bound(end.name, 'port')} = ${variable}.getsockname()[1]`,
        'getsockname(2): the port that it has now, for those who will call it.',
      )
  }
  if (plan.only === end.name && !(end.kind === 'datagram' && end.isConnected)) {
    if ('path' in address)
      page.line('print(f"listening on {path}", flush=True)', 'Tells those who wait for it that it is there.')
    else
      page.line(
        `print("listening on", *${variable}.getsockname()[:2], flush=True)`,
        'Tells where: of port 0 only the kernel knows what it has become, getsockname(2).',
      )
  }
}

export function dial(script: Script, act: ActOfKind<'dial'>): void {
  const { page, plan } = script
  const { end, sock, fails, isPending, withinMs } = act
  const variable = script.variable(sock)
  const { address } = end
  const isOnly = plan.only === end.name
  const isPlain = end.asks.length === 0 && end.localHost === null && end.localPort === 0 && !isPending
  if (address.kind === 'tcp' && (isOnly || address.family === null) && isPlain && fails === null) {
    const to = isOnly ? '(host, port)' : script.address(address)
    page.line(
      `${variable} = stack.enter_context(socket.create_connection(${to}, timeout=${secondsOf(withinMs)}))`,
      'getaddrinfo(3), socket(2), connect(2): tries each address of the host in turn; gives up after so many seconds, as every read will.',
    )
    script.hasTimeout(sock, withinMs)
  } else {
    if (isOnly && address.kind === 'tcp') {
      page.line(
        'family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]',
        'getaddrinfo(3): the first address of the host, and the family of sockets that goes with it.',
      )
      page.line(
        `${variable} = stack.enter_context(socket.socket(family, kind, protocol))`,
        `${meanings.tcp} The stack closes it at the end, whatever happens.`,
      )
      script.hasTimeout(sock, null)
      for (const { name, value } of end.asks) page.line(...optionLine(variable, name, value, script))
    } else make(script, end, sock)
    if (end.localHost !== null || end.localPort !== 0)
      page.line(
        `${variable}.bind(("${end.localHost ?? (address.kind === 'tcp' && address.family === 6 ? '::' : '0.0.0.0')}", ${end.localPort}))`,
        'bind(2): chooses the address that it calls from; a client needs none, the kernel would choose one.',
      )
    const to = isOnly ? (address.kind === 'tcp' ? 'address' : 'path') : script.address(address)
    if (isPending) return begin(script, act, to)
    script.timeout(sock, withinMs)
    failing(script, sock, fails, () =>
      page.line(
        `${variable}.connect(${to})`,
        'connect(2): comes back once somebody has answered, or refused.',
      ),
    )
  }
  if (fails === null && plan.referred.has(end.name))
    page.line(
      `${script.bound(end.name, 'port')} = ${variable}.getsockname()[1]`,
      'getsockname(2): our own port.',
    )
}

/** A dial that nobody will answer for a while. */
function begin(script: Script, { sock }: ActOfKind<'dial'>, to: string): void {
  const { page } = script
  const variable = script.variable(sock)
  page.line(
    `${variable}.setblocking(False)`,
    'From here on no call on this socket waits: fcntl(2), O_NONBLOCK.',
  )
  page.line(
    `if ${variable}.connect_ex(${to}) != ${script.module('errno')}.EINPROGRESS:`,
    'connect(2) that does not wait: the kernel has begun, EINPROGRESS; connect_ex gives the errno.',
  )
  page.in(() => page.line(`raise ${script.use('Unexpected')}("${sock.name}: expected that nobody answers")`))
  script.hasTimeout(sock, null)
}

export function bind(script: Script, { end, sock, fails, withinMs }: ActOfKind<'bind'>): void {
  const { page } = script
  const variable = script.variable(sock)
  make(script, end, sock)
  if (end.isConnected && end.address.kind === 'unixgram')
    page.line(
      `${variable}.bind("")`,
      'bind(2) to no name: the kernel chooses one, so that it can be answered (unix(7), autobind).',
    )
  failing(script, sock, fails, () => {
    if (end.isConnected)
      page.line(
        `${variable}.connect(${addressText(script, end)})`,
        'connect(2) of a datagram socket sends nothing: it says where to, and from whom alone it hears.',
      )
    else if (!('path' in end.address) || fixed(end.address.path) !== '')
      page.line(`${variable}.bind(${addressText(script, end)})`, bindAbout(end))
  })
  if (fails !== null) return
  afterBind(script, end, sock)
  if (end.behaviour.is !== 'none') answeringDatagrams(script, end, sock)
  else script.timeout(sock, withinMs)
}

export function accept(script: Script, { end, listener, sock, withinMs }: ActOfKind<'accept'>): void {
  const { page } = script
  const variable = script.variable(sock)
  if (sock.isServed) {
    page.line(
      `${variable} = ${script.variable(listener)}_callers.get(timeout=${secondsOf(withinMs)})`,
      'The next caller, as soon as the thread that answers has accepted it.',
    )
    script.hasTimeout(sock, 5000)
    return
  }
  script.timeout(listener, withinMs)
  page.line(
    `${variable} = stack.enter_context(${script.variable(listener)}.accept()[0])`,
    'accept(2): takes the caller that has waited longest; it gives a new socket for this one caller, and its address.',
  )
  script.hasTimeout(sock, null)
  for (const { name, value } of end.accepted) page.line(...optionLine(variable, name, value, script))
}

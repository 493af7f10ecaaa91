import { kernelFields, type KernelField } from '../../../shared/model/kernelFields'
import { placeInTcpInfo } from '../../engine/kernel/tcpInfo'
import { kernelSource, untold } from '../kernelSource'
import { type ActOfKind, type Sock } from '../plan/plan'
import { type Script } from './script'

export function close(script: Script, { sock, path, hasUnread }: ActOfKind<'close'>): void {
  const { page } = script
  const variable = script.sender(sock)
  script.imports.add('unistd.h')
  if (sock.kind === 'listener') {
    if (sock.isServed)
      script.check(
        `shutdown(${variable}, SHUT_RDWR)`,
        'shutdown',
        'shutdown(2) of a listener wakes the thread that waits in accept(2); close(2) alone would not.',
      )
    script.check(`close(${variable})`, 'close', 'close(2): nobody can call it any more; its callers stay.')
  } else if (sock.kind === 'datagram') {
    if (sock.isServed)
      page.line(
        `shutdown(${variable}, SHUT_RDWR);`,
        'shutdown(2): wakes the thread that waits in recvfrom(2), although it says ENOTCONN.',
      )
    script.check(`close(${variable})`, 'close', 'close(2): datagrams for it are refused from here on.')
  } else {
    if (hasUnread)
      page.line(
        `${script.use('read_what_is_there')}(${variable});`,
        'close(2) with unread bytes would send RST and not FIN.',
      )
    script.check(`close(${variable})`, 'close', 'close(2): sends FIN, hangs up.')
  }
  if (path === null || (typeof path[0] === 'string' && path[0].startsWith('@')) || path.length === 0) return
  script.check(
    `unlink(${script.plan.only === sock.name ? 'path' : script.text(path)})`,
    'unlink',
    'unlink(2): its file does not go by itself.',
  )
}

export function reset(script: Script, { sock }: { sock: Sock }): void {
  const { page } = script
  const variable = script.sender(sock)
  script.imports.add('unistd.h')
  page.line(
    `struct linger ${script.variable(sock)}_linger = {.l_onoff = 1, .l_linger = 0};`,
    'For no seconds at all.',
  )
  script.check(
    `setsockopt(${variable}, SOL_SOCKET, SO_LINGER, &${script.variable(sock)}_linger, sizeof(struct linger))`,
    'setsockopt SO_LINGER',
    'SO_LINGER of socket(7) with 0 seconds: close(2) will send RST, and drop what is unsent.',
  )
  script.check(`close(${variable})`, 'close', 'close(2): sends RST.')
}

export function shutdown(script: Script, { sock }: { sock: Sock }): void {
  script.check(
    `shutdown(${script.sender(sock)}, SHUT_WR)`,
    'shutdown',
    'shutdown(2): sends FIN, we have said all; what the peer says can still be read.',
  )
}

/** The last field that <linux/tcp.h> of some years ago has. */
const KNOWN_UP_TO = placeInTcpInfo('sndWnd')?.at ?? 0

function numberText(script: Script, sock: Sock, field: KernelField): string | null {
  const source = kernelSource(sock, field)
  if (source === null) return null
  const variable = sock.kind === 'bench' ? script.bench(sock.name) : script.sender(sock)
  switch (source.is) {
    case 'queue':
      return `${script.use('queue_bytes')}(${variable}, ${source.side === 'in' ? 'SIOCINQ' : 'SIOCOUTQ'})`
    case 'memInfo':
      return `${script.use('mem_info_of')}(${variable}, SK_MEMINFO_${source.name})`
    case 'peer':
      return `${script.use('peer_of')}(${variable}).${source.name}`
    case 'tcpInfo':
      return source.at > KNOWN_UP_TO ? null : `${script.use('tcp_info_of')}(${variable}).tcpi_${source.name}`
  }
}

/** Why a number is not looked at. */
function whyNot(sock: Sock, field: KernelField): string {
  return kernelSource(sock, field) === null
    ? untold(field)
    : `${kernelFields[field].name} is not in the <linux/tcp.h> of every machine: it is not looked at.`
}

function waitFor(
  script: Script,
  sock: Sock,
  number: string,
  test: string,
  withinMs: number,
  about: string,
): void {
  const { page } = script
  page.line(`for (long left = ${withinMs}; !(${number} ${test}); left -= 20) {`, about)
  page.in(() => {
    page.line('if (left <= 0)')
    page.in(() =>
      page.line(`${script.use('fail')}("${sock.name}: the kernel's number is another than expected");`),
    )
    page.line(
      `${script.use('sleep_ms')}(20);`,
      'Nothing tells when it changes: it is looked at again and again.',
    )
  })
  page.line('}')
}

export function queue(script: Script, { sock, length, withinMs }: ActOfKind<'queue'>): void {
  const number = numberText(script, sock, 'acceptQueue')
  if (number === null)
    return script.cannot(
      'How many wait to be accepted at a Unix socket only sock_diag(7) tells: it is not looked at.',
    )
  waitFor(
    script,
    sock,
    number,
    `== ${length}`,
    withinMs,
    'tcpi_unacked of a listener: how many wait in its accept queue, listen(2).',
  )
}

export function kernel(script: Script, { sock, fields, withinMs }: ActOfKind<'kernel'>): void {
  for (const { field, how, number: wanted } of fields) {
    const { name, meaning } = kernelFields[field]
    const number = numberText(script, sock, field)
    if (number === null) script.cannot(whyNot(sock, field))
    else if (wanted === 0 && how === '>=') script.comment(`${name} is never below 0.`)
    else
      waitFor(script, sock, number, `${how === '=' ? '==' : how} ${wanted}`, withinMs, `${name}: ${meaning}.`)
  }
}

export function look(script: Script, { sock, field, as }: ActOfKind<'look'>): void {
  const { name, meaning } = kernelFields[field]
  const number = numberText(script, sock, field)
  if (number === null) return script.cannot(whyNot(sock, field))
  script.page.line(`printf("${as}: %llu\\n", (unsigned long long)${number});`, `${name}: ${meaning}.`)
}

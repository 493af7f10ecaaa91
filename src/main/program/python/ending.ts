import { type KernelExpectation } from '../../../shared/model/experiment'
import { kernelFields, type KernelField } from '../../../shared/model/kernelFields'
import { kernelSource, untold } from '../kernelSource'
import { type ActOfKind, type Sock } from '../plan/plan'
import { secondsOf, type Script } from './script'

export function close(script: Script, { sock, path, hasUnread }: ActOfKind<'close'>): void {
  const { page } = script
  const variable = script.sender(sock)
  if (sock.kind === 'listener') {
    if (sock.isServed)
      page.line(
        `${variable}.shutdown(socket.SHUT_RDWR)`,
        'shutdown(2) of a listener wakes the thread that waits in accept(2); close(2) alone would not.',
      )
    page.line(`${variable}.close()`, 'close(2): nobody can call it any more; its callers stay.')
  } else if (sock.kind === 'datagram') {
    if (sock.isServed) {
      page.line(
        `with ${script.module('contextlib')}.suppress(OSError):`,
        'Not connected: shutdown(2) says so, and works all the same.',
      )
      page.in(() =>
        page.line(
          `${variable}.shutdown(socket.SHUT_RDWR)`,
          'shutdown(2): wakes the thread that waits in recvfrom(2).',
        ),
      )
    }
    page.line(`${variable}.close()`, 'close(2): datagrams for it are refused from here on.')
  } else {
    if (hasUnread)
      page.line(
        `${script.use('read_what_is_there')}(${variable})`,
        'close(2) with unread bytes would send RST and not FIN.',
      )
    page.line(`${variable}.close()`, 'close(2): sends FIN, hangs up.')
  }
  if (path === null) return
  const file = script.plan.only === sock.name ? 'path' : script.unixPath(path)
  if (!file.startsWith('"\\x00') && file !== '""')
    page.line(
      `${script.module('pathlib')}.Path(${file}).unlink(missing_ok=True)`,
      'unlink(2): its file does not go by itself.',
    )
}

export function reset(script: Script, { sock }: { sock: Sock }): void {
  const { page } = script
  const variable = script.sender(sock)
  page.line(
    `${variable}.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ${script.module('struct')}.pack("ii", 1, 0))`,
    'SO_LINGER of socket(7) with 0 seconds: close(2) will send RST, and drop what is unsent.',
  )
  page.line(`${variable}.close()`, 'close(2): sends RST.')
}

export function shutdown(script: Script, { sock }: { sock: Sock }): void {
  script.page.line(
    `${script.sender(sock)}.shutdown(socket.SHUT_WR)`,
    'shutdown(2): sends FIN, we have said all; what the peer says can still be read.',
  )
}

export function stillDialling(script: Script, { sock, withinMs }: ActOfKind<'stillDialling'>): void {
  script.page.line(
    `${script.use('expect_dialling')}("${sock.name}", ${script.variable(sock)}, ${secondsOf(withinMs)})`,
    'For so long nobody answers: the kernel sends its SYN again and again.',
  )
}

export function connected(script: Script, { sock, withinMs }: ActOfKind<'connected'>): void {
  script.page.line(
    `${script.use('finish_connect')}("${sock.name}", ${script.variable(sock)}, ${secondsOf(withinMs)})`,
    'The call that was begun is answered now.',
  )
}

/** How a program reads one of the kernel's numbers; null where it cannot. */
function numberText(script: Script, sock: Sock, field: KernelField): string | null {
  const source = kernelSource(sock, field)
  if (source === null) return null
  const variable = script.sender(sock)
  switch (source.is) {
    case 'queue':
      return `${script.use('queue_bytes')}(${variable}, ${script.module('termios')}.${source.side === 'in' ? 'FIONREAD' : 'TIOCOUTQ'})`
    case 'memInfo':
      return `${script.use('mem_info')}(${variable}, ${source.index})`
    case 'peer':
      return `${script.use('peer_credential')}(${variable}, ${source.index})`
    case 'tcpInfo': {
      const form = { 1: 'B', 2: 'H', 4: 'I', 8: 'Q' }[source.width]
      return `${script.use('tcp_info')}(${variable}, ${source.at}, "${form}")`
    }
  }
}

export function queue(script: Script, { sock, length, withinMs }: ActOfKind<'queue'>): void {
  const number = numberText(script, sock, 'acceptQueue')
  if (number === null)
    return script.cannot(
      'How many wait to be accepted at a Unix socket only sock_diag(7) tells, for which Python has no call: it is not looked at.',
    )
  waitFor(
    script,
    sock,
    number,
    `= ${length}`,
    `== ${length}`,
    withinMs,
    'tcpi_unacked of a listener: how many wait in its accept queue, listen(2).',
  )
}

export function kernel(script: Script, { sock, fields, withinMs }: ActOfKind<'kernel'>): void {
  for (const { field, how, number: wanted } of fields) {
    const number = numberText(script, sock, field)
    const { name, meaning } = kernelFields[field]
    if (number === null) script.cannot(untold(field))
    else
      waitFor(
        script,
        sock,
        number,
        `${how} ${wanted}`,
        `${operator(how)} ${wanted}`,
        withinMs,
        `${name}: ${meaning}.`,
      )
  }
}

const operator = (how: KernelExpectation['how']): string => (how === '=' ? '==' : how)

function waitFor(
  script: Script,
  sock: Sock,
  number: string,
  wanted: string,
  test: string,
  withinMs: number,
  about: string,
): void {
  script.page.line(
    `${script.use('expect_number')}("${sock.name}", lambda: ${number}, lambda n: n ${test}, "${wanted}", ${secondsOf(withinMs)})`,
    about,
  )
}

export function look(script: Script, { sock, field, as }: ActOfKind<'look'>): void {
  const number = numberText(script, sock, field)
  const { name, meaning } = kernelFields[field]
  if (number === null) return script.cannot(untold(field))
  script.page.line(`print("${as}:", ${number})`, `${name}: ${meaning}.`)
}

export function unplug(script: Script, { sock }: { sock: Sock }): void {
  script.page.line(
    `${script.use('unplug')}(${script.sender(sock)})`,
    'From here on whatever is sent to it is lost, as if its cable were pulled out.',
  )
}

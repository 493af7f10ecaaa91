import { type Payload } from '../../../shared/model/experiment'
import { type ActOfKind, type Sock } from '../plan/plan'
import { pythonPattern } from '../regex'
import { secondsOf, type Script } from './script'

/** More than this may not fit the kernel's buffers, and nobody else of the program reads meanwhile. */
const MUCH_BYTES = 64 * 1024

const fileOf = (path: string): string => JSON.stringify(path)

export function send(script: Script, { sock, payload, fails, withinMs }: ActOfKind<'send'>): void {
  const { page, plan } = script
  const variable = script.sender(sock)
  if (!sock.isServed) script.timeout(sock, withinMs)
  if (fails === null && payload.is !== 'file' && payload.bytes.length > MUCH_BYTES && plan.only === null) {
    page.line(
      `${script.module('threading')}.Thread(target=${variable}.sendall, args=(${script.bytes(payload.bytes)},), daemon=True).start()`,
      'send(2) waits where the other side does not read: a thread sends so much, while we go on and read.',
    )
    return
  }
  const write = (): void => sendLines(script, variable, sock, payload)
  if (fails === null) return write()
  page.line(
    `with ${script.use('raises')}("${sock.name}", ${script.module('errno')}.${fails}):`,
    `What follows must fail with ${fails}: errno(3).`,
  )
  page.in(() => {
    write()
    page.line(
      `while ${variable}.recv(65536):`,
      'recv(2): if sending worked, it tells of the error that has come since.',
    )
    page.in(() => page.line('pass'))
  })
}

function sendLines(script: Script, variable: string, sock: Sock, payload: Payload): void {
  const { page } = script
  if (payload.is === 'file') {
    page.line(
      `with open(${fileOf(payload.path)}, "rb") as file:`,
      'The file, in the folder that the program runs in.',
    )
    page.in(() =>
      page.line(
        sock.kind === 'stream' ? `${variable}.sendfile(file)` : `${variable}.send(file.read())`,
        sock.kind === 'stream'
          ? 'sendfile(2): the kernel copies it to the socket.'
          : 'send(2): all of it is one datagram.',
      ),
    )
    return
  }
  const { bytes } = payload
  if (sock.kind === 'stream')
    page.line(
      `${variable}.sendall(${script.bytes(bytes)})`,
      bytes.length === 0
        ? 'send(2) of no bytes: on a stream nothing goes out.'
        : 'send(2), again and again until the kernel has taken all of it: one call may take less.',
    )
  else page.line(`${variable}.send(${script.bytes(bytes)})`, 'send(2): one datagram, as it is.')
}

export function sendTo(script: Script, { sock, payload, to }: ActOfKind<'sendTo'>): void {
  const { page, plan } = script
  const variable = script.variable(sock)
  const target = to === null ? script.named(`peer of ${sock.name}`, `${variable}_peer`) : script.address(to)
  void plan
  const about =
    to === null
      ? 'sendto(2): one datagram, to whoever has sent last.'
      : 'sendto(2): one datagram, to this address.'
  if (payload.is === 'file') {
    page.line(
      `with open(${fileOf(payload.path)}, "rb") as file:`,
      'The file, in the folder that the program runs in.',
    )
    page.in(() => page.line(`${variable}.sendto(file.read(), ${target})`, about))
  } else page.line(`${variable}.sendto(${script.bytes(payload.bytes)}, ${target})`, about)
}

export function read(script: Script, { sock, wanted, withinMs }: ActOfKind<'read'>): void {
  const { page } = script
  const variable = script.variable(sock)
  script.timeout(sock, withinMs)
  const name = `"${sock.name}"`
  switch (wanted.is) {
    case 'bytes':
      page.line(
        `${script.use('expect')}(${name}, ${script.use('recv_exactly')}(${name}, ${variable}, ${wanted.bytes.length}), ${script.bytes(wanted.bytes)})`,
        `Reads as many bytes as are expected (recv(2), as often as it takes), and compares them.`,
      )
      return
    case 'length':
      page.line(
        `${script.use('recv_exactly')}(${name}, ${variable}, ${wanted.lengthBytes})`,
        'Reads so many bytes, whatever they are: recv(2), as often as it takes.',
      )
      return
    case 'match': {
      const pattern = patternText(wanted.source, wanted.flags)
      if (pattern === null) {
        script.cannot(`Python's re cannot say /${wanted.written}/: what comes is read, and not looked at.`)
        page.line(`${variable}.recv(65536)`, 'recv(2): whatever has come.')
        return
      }
      page.line(
        `${script.use('recv_match')}(${name}, ${variable}, ${pattern}, ${secondsOf(withinMs)})`,
        'Reads up to where the expression fits.',
      )
    }
  }
}

function patternText(source: string, flags: string): string | null {
  const pattern = pythonPattern(source, flags)
  if (pattern === null) return null
  if (!/["\n\r]/.test(pattern) && !/[^ -~]/.test(pattern)) return `rb"${pattern}"`
  return !pattern.includes("'") && !/[^ -~]/.test(pattern) ? `rb'${pattern}'` : null
}

export function readDatagram(script: Script, act: ActOfKind<'readDatagram'>): void {
  const { page } = script
  const { sock, wanted, isConnected, withinMs } = act
  const variable = script.variable(sock)
  const isAsked = script.plan.acts.some(
    (each) => each.do === 'sendTo' && each.to === null && each.sock.name === sock.name,
  )
  const data =
    isAsked || sock.isServed
      ? `data, ${isAsked ? script.named(`peer of ${sock.name}`, `${variable}_peer`) : '_'}`
      : 'data'
  if (sock.isServed)
    page.line(
      `${data} = ${variable}_came.get(timeout=${secondsOf(withinMs)})`,
      'What the thread that answers has got, one whole datagram.',
    )
  else {
    script.timeout(sock, withinMs)
    if (isConnected || !isAsked) page.line(`data = ${variable}.recv(65536)`, 'recv(2): one whole datagram.')
    else
      page.line(
        `${data} = ${variable}.recvfrom(65536)`,
        'recvfrom(2): one whole datagram, and who has sent it.',
      )
  }
  const name = `"${sock.name}"`
  if (wanted.is === 'bytes')
    page.line(
      `${script.use('expect')}(${name}, data, ${script.bytes(wanted.bytes)})`,
      'A datagram is compared as a whole.',
    )
  else if (wanted.is === 'length')
    page.line(`${script.use('expect')}(${name}, len(data), ${wanted.lengthBytes})`, 'Only its length counts.')
  else {
    const pattern = patternText(wanted.source, wanted.flags)
    if (pattern === null)
      script.cannot(`Python's re cannot say /${wanted.written}/: the datagram is read, and not looked at.`)
    else page.line(`${script.use('expect_match')}(${name}, data, ${pattern})`, 'It must fit the expression.')
  }
}

export function end(script: Script, act: ActOfKind<'end'>): void {
  const { sock, how, isExact, isAfterFin, withinMs } = act
  const { page } = script
  const variable = script.variable(sock)
  if (sock.isOnlyEnd) {
    page.line(
      `${script.use('expect_gone')}("${sock.name}", ${variable}, ${secondsOf(withinMs)})`,
      'The thread that answers this caller comes to its end once the caller has finished.',
    )
    return
  }
  script.timeout(sock, withinMs)
  if (how === 'fin') {
    if (isExact)
      page.line(
        `${script.use('expect_end')}("${sock.name}", ${variable})`,
        'Reads, and must get no bytes: the peer has sent FIN, close(2) or shutdown(2).',
      )
    else
      page.line(
        `${script.use('read_to_end')}(${variable})`,
        'Reads until no bytes come: the peer has sent FIN.',
      )
    return
  }
  if (isAfterFin) {
    page.line(
      `${script.use('expect_broken')}("${sock.name}", ${script.sender(sock)}, ${secondsOf(withinMs)})`,
      'The peer had finished, and answers what we still sent with RST.',
    )
    return
  }
  error(script, { sock, code: 'ECONNRESET', withinMs })
}

export function error(
  script: Script,
  { sock, code, withinMs }: { sock: Sock; code: string; withinMs: number },
): void {
  const { page } = script
  const variable = script.variable(sock)
  if (sock.isServed && sock.kind === 'datagram')
    return script.cannot('A thread reads this socket: its errors are not looked at here.')
  script.timeout(sock, withinMs)
  page.line(
    `with ${script.use('raises')}("${sock.name}", ${script.module('errno')}.${code}):`,
    `What follows must fail with ${code}: errno(3).`,
  )
  page.in(() => {
    if (sock.kind === 'datagram')
      page.line(`${variable}.recv(65536)`, 'recv(2) tells of an error that has come by ICMP: udp(7).')
    else
      page.line(
        `${script.use('read_to_end')}(${variable})`,
        'recv(2) fails once the peer has reset the connection.',
      )
  })
}

export function silence(script: Script, { sock, isPaused, withinMs }: ActOfKind<'silence'>): void {
  const { page } = script
  const seconds = secondsOf(withinMs)
  if (isPaused) {
    page.line(
      `${script.module('time')}.sleep(${seconds})`,
      'Nobody reads this socket now: what comes stays in the kernel.',
    )
  } else if (sock.isServed && sock.kind === 'datagram')
    page.line(
      `${script.module('time')}.sleep(${seconds}); ${script.use('expect')}("${sock.name}", ${script.variable(sock)}_came.qsize(), 0)`,
      'Nothing has come meanwhile.',
    )
  else
    page.line(
      `${script.use('expect_nothing')}("${sock.name}", ${script.variable(sock)}, ${seconds})`,
      'Reads for so long, and must get nothing.',
    )
}

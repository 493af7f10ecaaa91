import { type Payload } from '../../../shared/model/experiment'
import { type ActOfKind, type Sock } from '../plan/plan'
import { posixPattern } from '../regex'
import { quoted, type Script } from './script'

/** More than this may not fit the kernel's buffers, and nobody else of the program reads meanwhile. */
const MUCH_BYTES = 64 * 1024

export function send(script: Script, { sock, payload, fails, withinMs }: ActOfKind<'send'>): void {
  const { page, plan } = script
  const variable = script.sender(sock)
  if (!sock.isServed) script.timeout(sock, withinMs)
  if (fails !== null && payload.is !== 'file') {
    script.imports.add('errno.h')
    const data = script.bytes(payload.bytes)
    page.line(
      `if (send(${variable}, ${data}, ${payload.bytes.length}, MSG_NOSIGNAL) == -1) {`,
      `send(2): it, or the next read, must fail with ${fails}.`,
    )
    page.in(() => {
      page.line(`if (errno != ${fails})`)
      page.in(() => page.line(`${script.use('die')}("send");`))
    })
    page.line('} else {')
    page.in(() =>
      page.line(
        `${script.use('expect_error')}("${sock.name}", ${variable}, ${fails});`,
        'recv(2): if sending worked, it tells of the error that has come since.',
      ),
    )
    page.line('}')
    return
  }
  if (payload.is === 'file') return sendFile(script, sock, variable, payload)
  const { bytes } = payload
  const data = script.bytes(bytes)
  if (sock.kind === 'datagram')
    return script.check(
      `send(${variable}, ${data}, ${bytes.length}, MSG_NOSIGNAL)`,
      'send',
      'send(2): one datagram, as it is.',
    )
  if (bytes.length > MUCH_BYTES && plan.only === null)
    return page.line(
      `${script.use('send_in_background')}(${variable}, ${data}, ${bytes.length});`,
      'send(2) waits where the other side does not read: a thread sends so much, while we go on and read.',
    )
  page.line(
    `${script.use('send_all')}(${variable}, ${data}, ${bytes.length});`,
    bytes.length === 0
      ? 'send(2) of no bytes: on a stream nothing goes out.'
      : 'send(2), again and again until the kernel has taken all of it: one call may take less.',
  )
}

function sendFile(
  script: Script,
  sock: Sock,
  variable: string,
  { path }: Extract<Payload, { is: 'file' }>,
): void {
  const { page } = script
  if (sock.kind === 'stream')
    return page.line(
      `${script.use('send_file')}(${variable}, ${quoted(path)});`,
      'sendfile(2): the file, in the folder that the program runs in.',
    )
  data(script)
  page.line(
    `came = (ssize_t)${script.use('read_file')}(${quoted(path)}, data, sizeof data);`,
    'The file, in the folder that the program runs in.',
  )
  script.check(
    `send(${variable}, data, (size_t)came, MSG_NOSIGNAL)`,
    'send',
    'send(2): one datagram, as it is.',
  )
}

/** Room for one datagram, once in a program. */
function data(script: Script): void {
  if (!script.declare('!', 'came').startsWith('!')) return
  script.prologue.add('datagram')
}

export function sendTo(script: Script, { sock, payload, to }: ActOfKind<'sendTo'>): void {
  const variable = script.variable(sock)
  const peer = peerOf(script, sock)
  const target =
    to === null ? `(struct sockaddr *)&${peer}, ${peer}_length` : script.address(to, `${sock.name}_to`)
  const about =
    to === null
      ? 'sendto(2): one datagram, to whoever has sent last.'
      : 'sendto(2): one datagram, to this address.'
  if (payload.is === 'file') {
    data(script)
    script.page.line(
      `came = (ssize_t)${script.use('read_file')}(${quoted(payload.path)}, data, sizeof data);`,
      'The file, in the folder that the program runs in.',
    )
    return script.check(`sendto(${variable}, data, (size_t)came, MSG_NOSIGNAL, ${target})`, 'sendto', about)
  }
  script.check(
    `sendto(${variable}, ${script.bytes(payload.bytes)}, ${payload.bytes.length}, MSG_NOSIGNAL, ${target})`,
    'sendto',
    about,
  )
}

const peerOf = (script: Script, sock: Sock): string =>
  script.named(`peer of ${sock.name}`, `${script.variable(sock)}_peer`)

export function read(script: Script, { sock, wanted, withinMs }: ActOfKind<'read'>): void {
  const { page } = script
  script.timeout(sock, withinMs)
  const reader = script.reader(sock)
  const name = `"${sock.name}"`
  if (wanted.is === 'bytes')
    return page.line(
      `${script.use('expect_bytes')}(${name}, ${reader}, ${script.bytes(wanted.bytes)}, ${wanted.bytes.length});`,
      'Reads as many bytes as are expected (recv(2), as often as it takes), and compares them.',
    )
  if (wanted.is === 'length')
    return page.line(
      `${script.use('skip_bytes')}(${name}, ${reader}, ${wanted.lengthBytes});`,
      'Reads so many bytes, whatever they are: recv(2), as often as it takes.',
    )
  const pattern = patternText(wanted.source, wanted.flags)
  if (pattern !== null)
    return page.line(
      `${script.use('expect_match')}(${name}, ${reader}, ${pattern}, ${withinMs});`,
      'Reads up to where the expression fits.',
    )
  script.cannot(`regex(7) cannot say /${wanted.written}/: what comes is read, and not looked at.`)
  data(script)
  page.line(`${script.use('receive')}(${name}, ${reader}, data, sizeof data);`, 'recv(2): whatever has come.')
}

function patternText(source: string, flags: string): string | null {
  const pattern = posixPattern(source, flags)
  return pattern === null ? null : `${quoted(pattern.pattern)}, ${pattern.flags}`
}

export function readDatagram(script: Script, { sock, wanted, withinMs }: ActOfKind<'readDatagram'>): void {
  const { page, plan } = script
  const variable = script.variable(sock)
  const name = `"${sock.name}"`
  const isAsked = plan.acts.some(
    (each) => each.do === 'sendTo' && each.to === null && each.sock.name === sock.name,
  )
  data(script)
  if (sock.isServed) {
    if (script.onceOnly(`timeout of ${variable}_came`))
      page.line(
        `${script.use('set_timeout')}(${variable}_came[0], ${withinMs});`,
        'It gives up after so many milliseconds.',
      )
    page.line(
      `came = recv(${variable}_came[0], data, sizeof data, 0);`,
      'What the thread that answers has got, one whole datagram.',
    )
  } else {
    script.timeout(sock, withinMs)
    if (isAsked) {
      const peer = peerOf(script, sock)
      const declared = script.declare('struct sockaddr_storage ', peer)
      if (declared !== peer) {
        page.line(`${declared};`, 'Who has sent it: room for an address of any family.')
        page.line(`socklen_t ${peer}_length;`)
      }
      page.line(`${peer}_length = sizeof ${peer};`)
      page.line(
        `came = recvfrom(${variable}, data, sizeof data, 0, (struct sockaddr *)&${peer}, &${peer}_length);`,
        'recvfrom(2): one whole datagram, and who has sent it.',
      )
    } else page.line(`came = recv(${variable}, data, sizeof data, 0);`, 'recv(2): one whole datagram.')
  }
  page.line('if (came == -1)')
  page.in(() => page.line(`${script.use('die')}(${name});`))
  if (wanted.is === 'bytes')
    return page.line(
      `${script.use('expect_data')}(${name}, data, (size_t)came, ${script.bytes(wanted.bytes)}, ${wanted.bytes.length});`,
      'A datagram is compared as a whole.',
    )
  if (wanted.is === 'length') {
    page.line(`if (came != ${wanted.lengthBytes})`, 'Only its length counts.')
    return page.in(() =>
      page.line(
        `${script.use('fail')}("${sock.name}: a datagram of %zd bytes came, expected ${wanted.lengthBytes}", came);`,
      ),
    )
  }
  const pattern = patternText(wanted.source, wanted.flags)
  if (pattern === null)
    return script.cannot(`regex(7) cannot say /${wanted.written}/: the datagram is read, and not looked at.`)
  page.line(
    `if (${script.use('matches')}(${pattern}, data, (size_t)came) == -1)`,
    'It must fit the expression.',
  )
  page.in(() => page.line(`${script.use('fail')}("${sock.name}: a datagram came that does not fit");`))
}

export function end(script: Script, act: ActOfKind<'end'>): void {
  const { sock, how, isExact, isAfterFin, withinMs } = act
  const { page } = script
  if (sock.isOnlyEnd) {
    page.line(
      `if (!${script.use('ends_within')}(${script.variable(sock)}, ${withinMs}))`,
      'The thread that answers this caller comes to its end once the caller has finished.',
    )
    return page.in(() => page.line(`${script.use('fail')}("${sock.name}: the caller is still there");`))
  }
  script.timeout(sock, withinMs)
  const reader = script.reader(sock)
  if (isAfterFin)
    return page.line(
      `${script.use('expect_broken')}("${sock.name}", ${script.sender(sock)}, ${withinMs});`,
      'The peer had finished, and answers what we still sent with RST.',
    )
  if (how === 'reset') return error(script, { sock, code: 'ECONNRESET', withinMs })
  if (isExact)
    page.line(
      `${script.use('expect_end')}("${sock.name}", ${reader});`,
      'Reads, and must get 0 bytes: the peer has sent FIN, close(2) or shutdown(2).',
    )
  else
    page.line(
      `${script.use('read_to_end')}("${sock.name}", ${reader});`,
      'Reads until 0 bytes come: the peer has sent FIN.',
    )
}

export function error(
  script: Script,
  { sock, code, withinMs }: { sock: Sock; code: string; withinMs: number },
): void {
  if (sock.isServed && sock.kind === 'datagram')
    return script.cannot('A thread reads this socket: its errors are not looked at here.')
  script.timeout(sock, withinMs)
  script.imports.add('errno.h')
  script.page.line(
    `${script.use('expect_error')}("${sock.name}", ${script.reader(sock)}, ${code});`,
    sock.kind === 'datagram'
      ? `recv(2) tells of an error that has come by ICMP, ${code}: udp(7).`
      : `recv(2) must fail with ${code}.`,
  )
}

export function silence(script: Script, { sock, isPaused, withinMs }: ActOfKind<'silence'>): void {
  const { page } = script
  if (isPaused)
    return page.line(
      `${script.use('sleep_ms')}(${withinMs});`,
      'Nobody reads this socket now: what comes stays in the kernel.',
    )
  const reader =
    sock.isServed && sock.kind === 'datagram' ? `${script.variable(sock)}_came[0]` : script.reader(sock)
  page.line(
    `${script.use('expect_nothing')}("${sock.name}", ${reader}, ${withinMs});`,
    'Reads for so long, and must get nothing.',
  )
  script.hasTimeout(sock, null)
}

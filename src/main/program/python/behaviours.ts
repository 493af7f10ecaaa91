import { behaviourWords } from '../serverWords'
import { wordsIn } from '../plan/addresses'
import { type DatagramEnd, type ListeningEnd, type Sock } from '../plan/plan'
import { optionLine } from './options'
import { impairing } from './impairing'
import { type Script } from './script'

/** What a behaviour does with what a stream brings: lines of the loop, and what comes before it. */
function answerLines(script: Script, end: ListeningEnd): { before: string; loop: string } {
  const send = end.watched === 'all' ? 'caller.conn.sendall' : 'conn.sendall'
  const { behaviour } = end
  switch (behaviour.is) {
    case 'echo':
      return { before: '', loop: `${send}(data) § send(2), as often as it takes: back goes what came.` }
    case 'upper':
      if (script.plan.isAscii)
        return {
          before: '',
          loop: `${send}(data.upper()) § send(2), as often as it takes: back goes the same in upper case.`,
        }
      script.imports.add('codecs')
      return {
        before:
          'decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape") § A character may be cut between two reads: the decoder keeps its beginning.',
        loop: `${send}(decoder.decode(data).upper().encode("utf-8", "surrogateescape")) § send(2), as often as it takes: back goes the same in upper case.`,
      }
    case 'reply':
      return {
        before: '',
        loop: `${send}(${script.bytes(behaviour.bytes)}) § send(2): the same answer to whatever came.`,
      }
    default:
      return { before: '', loop: 'pass § What comes is read, and nothing is answered.' }
  }
}

/** A server that answers: its threads, and the functions that they run. */
export function answering(script: Script, end: ListeningEnd, sock: Sock): void {
  const { page, plan } = script
  const variable = script.variable(sock)
  const serve = script.named(`serve ${end.name}`, `serve_${end.name}`)
  writeServe(script, end, serve, `answer_${variable}`)
  if (plan.only === end.name) {
    page.line(`${serve}(${variable})`, 'Serves whoever calls, until the program is stopped (Ctrl-C).')
    return
  }
  script.imports.add('threading')
  const args = end.watched !== 'no' ? `${variable}, ${variable}_callers` : `${variable},`
  if (end.watched !== 'no')
    page.line(
      `${variable}_callers = ${script.module('queue')}.SimpleQueue()`,
      'Through this queue the thread that accepts hands its callers on.',
    )
  page.line(
    `threading.Thread(target=${serve}, args=(${args}), daemon=True).start()`,
    'A thread of its own accepts and answers, while we go on; as a daemon it ends with the program.',
  )
}

function writeServe(script: Script, end: ListeningEnd, serve: string, answer: string): void {
  const { functions: out } = script
  const isSerial = end.accept === 'serially'
  const isChat = end.behaviour.is === 'chat'
  writeAnswer(script, end, answer)
  script.imports.add('threading')
  const doing = isSerial ? 'one after the other' : 'each in a thread of its own'
  out.gap()
  out.line('')
  out.line(
    `def ${serve}(server${end.watched !== 'no' ? ', callers' : ''}):`,
    `Accepts callers and answers them, ${doing}.`,
  )
  out.in(() => {
    out.line(`"""Answers callers, ${doing}."""`)
    if (isChat) out.line('room = set()', 'All who are in the chat.')
    out.block(`
while True: § Until the listener is shut down.
    try:
        conn, _ = server.accept() § accept(2): a new socket for each caller.
    except OSError: § The listener has been shut down: there is nobody more to serve.
        return`)
    out.in(() => {
      for (const { name, value } of end.accepted) {
        out.line(...optionLine('conn', name, value, script))
      }
      if (end.watched === 'all') {
        script.use('Caller')
        out.line('caller = Caller(conn)')
        out.line('callers.put(caller)', 'The main thread may look at what it sends.')
      }
      const argument = `${end.watched === 'all' ? 'caller' : 'conn'}${isChat ? ', room' : ''}`
      const target = `target=${answer}, args=(${argument}${argument.includes(',') ? '' : ','}), daemon=True`
      if (isSerial)
        out.line(
          `${answer}(${argument})`,
          'The next caller waits in the queue of the kernel until this one has gone.',
        )
      else if (end.watched === 'ends')
        out.block(`
thread = threading.Thread(${target}) § A thread for this caller; the next one can be accepted at once.
thread.start()
callers.put(thread) § When it has come to its end, the caller has gone.`)
      else
        out.line(
          `threading.Thread(${target}).start()`,
          'A thread for this caller; the next one can be accepted at once.',
        )
    })
  })
}

function writeAnswer(script: Script, end: ListeningEnd, answer: string): void {
  const { functions: out, plan } = script
  script.imports.add('contextlib')
  if (end.behaviour.is === 'proxy') script.use('pass_on')
  const conn = end.watched === 'all' ? 'caller.conn' : 'conn'
  const read = end.watched === 'all' ? 'caller.read()' : 'conn.recv(65536)'
  const { is } = end.behaviour
  out.gap()
  out.line('')
  out.line(
    `def ${answer}(${end.watched === 'all' ? 'caller' : 'conn'}${is === 'chat' ? ', room' : ''}):`,
    'What is done with one caller.',
  )
  out.in(() => {
    out.line(`"""${behaviourWords[is] ?? ''}"""`)
    out.line(
      `with ${conn}, contextlib.suppress(OSError):`,
      'Closes the connection at the end; a caller that resets it ends this, and nothing else.',
    )
    out.in(() => {
      if (is === 'chargen') return out.block(CHARGEN.replaceAll('CONN', conn))
      if (is === 'daytime') {
        script.imports.add('datetime')
        return out.block(DAYTIME.replaceAll('CONN', conn))
      }
      if (is === 'chat') return out.block(CHAT.replaceAll('CONN', conn).replaceAll('READ', read))
      if (end.behaviour.is === 'proxy') {
        const { to } = end.behaviour
        const target = script.address(to)
        for (const words of wordsIn(to))
          for (const each of words)
            if (typeof each !== 'string' && 'of' in each && plan.only === null)
              script.shared.add(script.bound(each.of, each.part))
        const connect =
          to.kind === 'unix'
            ? [
                `with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as target:`,
                `    target.connect(${target})`,
              ]
            : [
                `with socket.create_connection(${target}) as target: § getaddrinfo(3), connect(2): a connection to the other side.`,
              ]
        for (const each of connect) out.block(each)
        out.in(() => out.block(PROXY.replaceAll('CONN', conn).replaceAll('READ', read)))
        return
      }
      const { before, loop } = answerLines(script, end)
      if (before !== '') out.block(before)
      out.line(
        `while data := ${read}:`,
        'recv(2): what has come, of whatever length; no bytes once the caller has finished.',
      )
      out.in(() => out.block(loop))
    })
  })
}

/** A datagram socket that answers by itself. */
export function answeringDatagrams(script: Script, end: DatagramEnd, sock: Sock): void {
  const { page, functions: out, plan } = script
  const variable = script.variable(sock)
  const answer = `answer_${variable}`
  const isOnly = plan.only === end.name
  const isWatched = end.isWatched && !isOnly
  script.imports.add('contextlib')
  if (end.behaviour.is === 'impair') return impairing(script, end.behaviour, sock, isOnly)
  out.gap()
  out.line('')
  out.line(`def ${answer}(sock${isWatched ? ', came' : ''}):`, 'Answers each datagram by itself.')
  out.in(() => {
    out.line(`"""Answers each datagram where it came from."""`)
    out.block(`
while True:
    try:
        data, peer = sock.recvfrom(65536) § recvfrom(2): one whole datagram, and who has sent it.
    except OSError: § The socket has been closed.
        return
    if not data and not peer: § Woken by shutdown(2).
        return`)
    out.in(() => {
      if (isWatched) out.line('came.put((data, peer))', 'The main thread may look at it.')
      const text = datagramAnswer(script, end)
      if (text === null) return
      out.line('if peer:', 'Who has no name cannot be answered.')
      out.in(() => {
        out.line(
          'with contextlib.suppress(OSError):',
          'A failed answer ends nothing: the next datagram may fare better.',
        )
        out.in(() => out.line(`sock.sendto(${text}, peer)`, 'sendto(2): one datagram, back to who has sent.'))
      })
    })
  })
  if (isOnly) {
    page.line(`${answer}(${variable})`, 'Answers whoever sends, until the program is stopped (Ctrl-C).')
    return
  }
  script.imports.add('threading')
  if (isWatched)
    page.line(
      `${variable}_came = ${script.module('queue')}.SimpleQueue()`,
      'Through this queue the thread hands on what came.',
    )
  page.line(
    `threading.Thread(target=${answer}, args=(${variable},${isWatched ? ` ${variable}_came` : ''}), daemon=True).start()`,
    'A thread of its own answers, while we go on; as a daemon it ends with the program.',
  )
}

function datagramAnswer(script: Script, { behaviour }: DatagramEnd): string | null {
  switch (behaviour.is) {
    case 'echo':
      return 'data'
    case 'upper':
      return script.plan.isAscii
        ? 'data.upper()'
        : 'data.decode("utf-8", "surrogateescape").upper().encode("utf-8", "surrogateescape")'
    case 'reply':
      return script.bytes(behaviour.bytes)
    case 'daytime':
      script.imports.add('datetime')
      return 'datetime.datetime.now(datetime.timezone.utc).isoformat().encode() + b"\\r\\n"'
    case 'chargen':
      return 'bytes(32 + n % 95 for n in range(512))'
    default:
      return null
  }
}

const CHARGEN = `
line = bytes(range(32, 127)) * 2 § The printable characters, twice.
start = 0
while True:
    CONN.sendall(line[start:start + 72] + b"\\r\\n") § send(2): waits where the caller does not read.
    start = (start + 1) % 95 § Each line begins one further.`

const DAYTIME = `
now = datetime.datetime.now(datetime.timezone.utc)
CONN.sendall(now.isoformat(timespec="milliseconds").encode() + b"\\r\\n") § One line, and that is all.`

const CHAT = `
room.add(CONN) § From here on this one hears what others say.
try:
    while data := READ: § recv(2): what this one says; no bytes once it has finished.
        for other in list(room): § A copy: others come and go meanwhile.
            if other is not CONN:
                other.sendall(data) § send(2), as often as it takes.
finally:
    room.discard(CONN)`

const PROXY = `
back = threading.Thread(target=pass_on, args=(target.recv, CONN), daemon=True) § One thread for each direction.
back.start()
while data := READ: § recv(2): what the caller says …
    target.sendall(data) § … goes on to the other side.
target.shutdown(socket.SHUT_WR) § shutdown(2): the caller has finished, and the other side hears of it.
back.join() § The answer may still be on its way.`

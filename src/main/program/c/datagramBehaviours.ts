import { type DatagramEnd, type Sock } from '../plan/plan'
import { type Page } from '../page'
import { impairing } from './impairing'
import { type Script } from './script'

/** A datagram socket that answers by itself. */
export function answeringDatagrams(script: Script, end: DatagramEnd, sock: Sock): void {
  const { page, functions: out, plan, globals } = script
  const variable = script.variable(sock)
  const isOnly = plan.only === end.name
  if (end.behaviour.is === 'impair') return impairing(script, end.behaviour, sock, isOnly)
  const isWatched = end.isWatched && !isOnly
  script.imports.add('stdint.h')
  script.use('die')
  if (isWatched)
    globals.line(
      `static int ${variable}_came[2];`,
      'Two sockets that are connected: through them the thread hands on what came.',
    )
  out.gap()
  out.line('/* Answers each datagram where it came from. */')
  out.line(`static void *answer_${variable}(void *argument)`, 'Answers each datagram by itself.')
  out.line('{')
  out.in(() => {
    out.block(`
int sock = (int)(intptr_t)argument;
static char data[65536];
struct sockaddr_storage peer; § Who has sent it: an address of any family.
socklen_t length = sizeof peer;
ssize_t came;
while ((came = recvfrom(sock, data, sizeof data, 0, (struct sockaddr *)&peer, &length)) != -1) { § recvfrom(2): one whole datagram.`)
    out.in(() => {
      out.line('if (came == 0 && length == 0)', 'Woken by shutdown(2).')
      out.in(() => out.line('break;'))
      if (isWatched) {
        out.line(
          `if (send(${variable}_came[1], data, (size_t)came, 0) == -1)`,
          'The main thread may look at it.',
        )
        out.in(() => out.line('die("send");'))
      }
      datagramAnswer(script, out, end)
      out.line('length = sizeof peer;')
    })
    out.line('}')
    out.line('return NULL;')
  })
  out.line('}')
  if (isOnly) {
    page.line(
      `answer_${variable}((void *)(intptr_t)${variable});`,
      'Answers whoever sends, until the program is stopped (Ctrl-C).',
    )
    return
  }
  if (isWatched)
    script.check(
      `socketpair(AF_UNIX, SOCK_DGRAM, 0, ${variable}_came)`,
      'socketpair',
      'socketpair(2): datagrams from one end are read at the other.',
    )
  page.line(
    `${script.use('start')}(answer_${variable}, (void *)(intptr_t)${variable});`,
    'A thread of its own answers, while we go on; it ends with the program.',
  )
}

function datagramAnswer(script: Script, out: Page, { behaviour }: DatagramEnd): void {
  const send = (data: string, length: string): void => {
    out.line(
      `if (length > 0 && sendto(sock, ${data}, ${length}, MSG_NOSIGNAL, (struct sockaddr *)&peer, length) == -1)`,
      'sendto(2): one datagram, back to who has sent.',
    )
    out.in(() =>
      out.line('perror("sendto");', 'A failed answer ends nothing: the next datagram may fare better.'),
    )
  }
  switch (behaviour.is) {
    case 'echo':
      return send('data', '(size_t)came')
    case 'upper':
      if (script.plan.isAscii) {
        script.imports.add('ctype.h')
        out.line('for (ssize_t at = 0; at < came; at++)')
        out.in(() =>
          out.line('data[at] = (char)toupper((unsigned char)data[at]);', 'toupper(3): one letter.'),
        )
        return send('data', '(size_t)came')
      }
      script.use('upper_utf8')
      out.line('static char answer[4 * sizeof data];')
      out.line('mbstate_t state = {0};')
      return send('answer', 'upper_utf8(data, (size_t)came, answer, &state)')
    case 'reply':
      return send(script.bytes(behaviour.bytes), String(behaviour.bytes.length))
    case 'daytime':
      script.imports.add('time.h')
      out.block(`
char line[64];
time_t now = time(NULL); § time(2)
size_t size = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%SZ\\r\\n", gmtime(&now)); § gmtime(3), strftime(3)`)
      return send('line', 'size')
    case 'chargen':
      out.block(`
char line[512];
for (int at = 0; at < 512; at++)
    line[at] = (char)(' ' + at % 95);`)
      return send('line', 'sizeof line')
    default:
  }
}

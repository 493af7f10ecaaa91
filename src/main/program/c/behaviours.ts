import { behaviourWords } from '../serverWords'
import { type Behaviour, type ListeningEnd, type Sock } from '../plan/plan'
import { type Page } from '../page'
import { setOption } from './options'
import { type Script } from './script'

/** A server that answers: its threads, and the functions that they run. */
export function answering(script: Script, end: ListeningEnd, sock: Sock): void {
  const { page, plan } = script
  const variable = script.variable(sock)
  const serve = `serve_${variable}`
  script.imports.add('stdint.h')
  script.imports.add('unistd.h')
  writeAnswer(script, end, variable)
  writeServe(script, end, variable)
  if (plan.only === end.name) {
    page.line(
      `${serve}((void *)(intptr_t)${variable});`,
      'Serves whoever calls, until the program is stopped (Ctrl-C).',
    )
    return
  }
  if (end.watched !== 'no') {
    script.use('hand_over')
    script.globals.line(
      `static int ${variable}_callers[2];`,
      'A pipe, through which the thread that accepts hands its callers on.',
    )
    script.check(
      `pipe(${variable}_callers)`,
      'pipe',
      'pipe(2): what is written to one end is read at the other.',
    )
  }
  page.line(
    `${script.use('start')}(${serve}, (void *)(intptr_t)${variable});`,
    'A thread of its own accepts and answers, while we go on; it ends with the program.',
  )
}

function writeServe(script: Script, end: ListeningEnd, variable: string): void {
  const { functions: out } = script
  const isSerial = end.accept === 'serially'
  const doing = isSerial ? 'one after the other' : 'each in a thread of its own'
  if (!isSerial) script.use('start')
  out.gap()
  out.line(`/* Answers callers, ${doing}. */`)
  out.line(`static void *serve_${variable}(void *argument)`, `Accepts callers and answers them, ${doing}.`)
  out.line('{')
  out.in(() => {
    out.line('int server = (int)(intptr_t)argument;', 'The descriptor of the listener.')
    out.line('int caller;')
    out.line(
      'while ((caller = accept(server, NULL, NULL)) != -1) {',
      'accept(2): a new socket for each caller; it fails once the listener is shut down.',
    )
    out.in(() => {
      for (const each of end.accepted) setOption(script, 'caller', each, out)
      let argument = '(void *)(intptr_t)caller'
      if (end.watched === 'all') {
        script.use('watched')
        script.use('die')
        script.imports.add('stdlib.h')
        argument = 'watched'
        out.block(`
int pair[2];
struct watched *watched = malloc(sizeof *watched);
if (watched == NULL || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1) § socketpair(2): two sockets that are connected to each other.
    die("socketpair");
*watched = (struct watched){caller, pair[0], pair[1]};
send_all(pair[0], "", 1); § Nobody reads this byte; see read_and_tell.
hand_over(${variable}_callers[1], watched, sizeof *watched); § The main thread may look at what it sends.`)
      }
      if (isSerial)
        return out.line(
          `answer_${variable}(${argument});`,
          'The next caller waits in the queue of the kernel until this one has gone.',
        )
      if (end.watched !== 'ends')
        return out.line(
          `pthread_detach(start(answer_${variable}, ${argument}));`,
          'A thread for this caller; the next one can be accepted at once.',
        )
      out.line(
        `pthread_t thread = start(answer_${variable}, ${argument});`,
        'A thread for this caller; the next one can be accepted at once.',
      )
      out.line(
        `hand_over(${variable}_callers[1], &thread, sizeof thread);`,
        'When it has come to its end, the caller has gone.',
      )
    })
    out.line('}')
    out.line('return NULL;')
  })
  out.line('}')
}

function writeAnswer(script: Script, end: ListeningEnd, variable: string): void {
  const { functions: out } = script
  const { behaviour } = end
  const isWatched = end.watched === 'all'
  const conn = isWatched ? 'caller->conn' : 'caller'
  const read = isWatched ? `read_and_tell(caller, data, sizeof data)` : `recv(caller, data, sizeof data, 0)`
  out.gap()
  if (behaviour.is === 'chat') chatRoom(script, out, variable)
  out.line(`/* ${behaviourWords[behaviour.is] ?? ''} */`)
  out.line(`static void *answer_${variable}(void *argument)`, 'What is done with one caller.')
  out.line('{')
  out.in(() => {
    out.line(
      isWatched ? 'struct watched *caller = argument;' : 'int caller = (int)(intptr_t)argument;',
      'The connection to this caller.',
    )
    body(script, out, end, { conn, read, variable })
    out.line(`close(${conn});`, 'close(2): sends FIN, if that has not been.')
    out.line('return NULL;')
  })
  out.line('}')
}

interface Reading {
  readonly conn: string
  readonly read: string
  readonly variable: string
}

function body(
  script: Script,
  out: Page,
  { behaviour }: ListeningEnd,
  { conn, read, variable }: Reading,
): void {
  switch (behaviour.is) {
    case 'chargen':
      script.imports.add('errno.h')
      out.block(`
char line[74]; § 72 characters, and the end of the line.
for (int start = 0;; start = (start + 1) % 95) { § Each line begins one further.
    for (int at = 0; at < 72; at++)
        line[at] = (char)(' ' + (start + at) % 95);
    line[72] = '\\r';
    line[73] = '\\n';
    if (send(${conn}, line, sizeof line, MSG_NOSIGNAL) == -1) § send(2): waits where the caller does not read.
        break;
}`)
      return
    case 'daytime':
      script.use('send_all')
      script.imports.add('time.h')
      script.imports.add('string.h')
      out.block(`
char line[64];
time_t now = time(NULL); § time(2)
strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%SZ\\r\\n", gmtime(&now)); § gmtime(3), strftime(3)
send_all(${conn}, line, strlen(line)); § One line, and that is all.`)
      return
    case 'proxy':
      return proxy(script, out, behaviour, { conn, read, variable })
    case 'chat':
      script.use('send_all')
      out.block(`
char data[65536];
ssize_t came;
enter_${variable}(${conn}); § From here on this one hears what others say.
while ((came = ${read}) > 0) § recv(2): what this one says; 0 once it has finished.
    tell_${variable}(${conn}, data, (size_t)came);
leave_${variable}(${conn});`)
      return
    default:
  }
  out.line('char data[65536];')
  out.line('ssize_t came;')
  const before = behaviour.is === 'upper' && !script.plan.isAscii
  if (before) {
    script.use('upper_utf8')
    out.line('char answer[4 * sizeof data];', 'In upper case a character may be longer.')
    out.line('mbstate_t state = {0};', 'A character may be cut between two reads: this keeps its beginning.')
  }
  const [answer, length] = answerText(script, behaviour)
  out.line(
    `while ((came = ${read}) > 0)${behaviour.is === 'upper' ? ' {' : ''}`,
    'recv(2): what has come, of whatever length; 0 once the caller has finished.',
  )
  out.in(() => {
    if (behaviour.is === 'discard') return out.line(';')
    script.use('send_all')
    if (behaviour.is === 'upper' && !before) {
      script.imports.add('ctype.h')
      out.line('for (ssize_t at = 0; at < came; at++)')
      out.in(() => out.line('data[at] = (char)toupper((unsigned char)data[at]);', 'toupper(3): one letter.'))
    }
    out.line(`send_all(${conn}, ${answer}, ${length});`, 'send(2), as often as it takes: the answer.')
  })
  if (behaviour.is === 'upper') out.line('}')
}

function answerText(script: Script, behaviour: Behaviour): [data: string, length: string] {
  if (behaviour.is === 'reply') return [script.bytes(behaviour.bytes), String(behaviour.bytes.length)]
  return behaviour.is === 'upper' && !script.plan.isAscii
    ? ['answer', 'upper_utf8(data, (size_t)came, answer, &state)']
    : ['data', '(size_t)came']
}

function proxy(
  script: Script,
  out: Page,
  { to }: Extract<Behaviour, { is: 'proxy' }>,
  { conn, read }: Reading,
): void {
  script.use('pass_on')
  script.use('start')
  if (to.kind === 'tcp') {
    script.use('connect_to')
    script.imports.add('stdio.h')
    out.line('char port[8];')
    out.line(
      `snprintf(port, sizeof port, "%d", ${script.number(to.port)});`,
      'snprintf(3): the port as text.',
    )
    out.line(
      `int target = connect_to(${script.text(to.host)}, port, 5000);`,
      'connect(2): a connection to the other side.',
    )
    out.line('set_timeout(target, 0);', 'From here on reads wait however long it takes.')
  } else {
    script.use('unix_address')
    script.use('die')
    out.block(`
socklen_t length;
struct sockaddr_un at = unix_address(${'path' in to ? script.text(to.path) : '""'}, &length);
int target = socket(AF_UNIX, SOCK_STREAM, 0); § socket(2)
if (target == -1 || connect(target, (struct sockaddr *)&at, length) == -1) § connect(2): a connection to the other side.
    die("connect");`)
  }
  out.block(`
struct direction back = {target, ${conn}};
pthread_t thread = start(pass_on, &back); § One thread for each direction.
char data[65536];
ssize_t came;
while ((came = ${read}) > 0) § recv(2): what the caller says …
    send_all(target, data, (size_t)came); § … goes on to the other side.
shutdown(target, SHUT_WR); § shutdown(2): the caller has finished, and the other side hears of it.
pthread_join(thread, NULL); § The answer may still be on its way.
close(target);`)
}

function chatRoom(script: Script, out: Page, variable: string): void {
  script.imports.add('pthread.h')
  out.block(`
static int room_${variable}[64], in_room_${variable}; § All who are in the chat.
static pthread_mutex_t lock_${variable} = PTHREAD_MUTEX_INITIALIZER; § Only one thread at a time looks at them.

static void enter_${variable}(int caller)
{
    pthread_mutex_lock(&lock_${variable}); § pthread_mutex_lock(3)
    if (in_room_${variable} < 64)
        room_${variable}[in_room_${variable}++] = caller;
    pthread_mutex_unlock(&lock_${variable});
}

static void leave_${variable}(int caller)
{
    pthread_mutex_lock(&lock_${variable});
    for (int at = 0; at < in_room_${variable}; at++)
        if (room_${variable}[at] == caller)
            room_${variable}[at] = room_${variable}[--in_room_${variable}];
    pthread_mutex_unlock(&lock_${variable});
}

static void tell_${variable}(int caller, const char *data, size_t length)
{
    pthread_mutex_lock(&lock_${variable});
    for (int at = 0; at < in_room_${variable}; at++)
        if (room_${variable}[at] != caller)
            send_all(room_${variable}[at], data, length); § send(2), as often as it takes.
    pthread_mutex_unlock(&lock_${variable});
}
`)
  out.gap()
}

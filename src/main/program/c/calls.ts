import { type CallExpectation, type ScriptedCall, TIMEOUT_ERROR } from '../../../shared/model/experiment'
import { type ActOfKind } from '../plan/plan'
import { levelOf } from '../python/options'
import { type OptionName } from '../../../shared/model/socketOptions'
import { bytesInPython } from '../pythonBytes'
import { Page } from '../page'
import { type Script } from './script'

const abouts: Readonly<Record<string, string>> = {
  socket: 'socket(2): a new socket.',
  bind: 'bind(2): gives it its address.',
  listen: 'listen(2): from here on it takes callers.',
  accept: 'accept(2): takes the caller that has waited longest.',
  connect: 'connect(2): calls.',
  connect_ex: 'connect(2): calls.',
  send: 'send(2): gives how many bytes the kernel has taken, which may be fewer.',
  sendto: 'sendto(2): one datagram, to this address.',
  recv: 'recv(2): what has come, up to so many bytes; 0 once the peer has finished.',
  recvfrom: 'recvfrom(2): what has come.',
  shutdown: 'shutdown(2): one half of the connection is over.',
  close: 'close(2): the socket is gone.',
  getsockopt: 'getsockopt(2): reads an option.',
}

const flagsOf = (flags: readonly string[]): string => (flags.length === 0 ? '0' : flags.join(' | '))
const made = (of: ScriptedCall): string => ('on' in of ? of.on : '')

/** The system call as an expression that is -1 where it fails; null where C does it otherwise. */
function callText(script: Script, act: ActOfKind<'call'>, buffer: string): string | null {
  const { of, addresses } = act
  const on = 'on' in of ? script.bench(of.on) : ''
  const address = (): string => {
    if (!('address' in of)) return ''
    if (of.address.is === 'getsockname') {
      const variable = script.named(
        `address of ${of.address.of} ${script.page.lines.length}`,
        `${script.bench(of.address.of)}_address`,
      )
      script.page.line(`struct sockaddr_storage ${variable};`, 'Room for an address of any family.')
      script.page.line(`socklen_t ${variable}_length = sizeof ${variable};`)
      script.check(
        `getsockname(${script.bench(of.address.of)}, (struct sockaddr *)&${variable}, &${variable}_length)`,
        'getsockname',
        'getsockname(2): its own address.',
      )
      return `(struct sockaddr *)&${variable}, ${variable}_length`
    }
    const [first] = addresses
    return first === undefined ? '' : script.address(first, made(of))
  }
  switch (of.call) {
    case 'socket':
      if (of.protocol !== '0') script.imports.add('netinet/in.h')
      return `socket(${of.family}, ${of.type}, ${of.protocol})`
    case 'bind':
    case 'connect':
      return `${of.call}(${on}, ${address()})`
    case 'connect_ex':
      return `connect(${on}, ${address()})`
    case 'sendto': {
      const to = address()
      return `sendto(${on}, ${script.bytes(of.bytes)}, ${of.bytes.length}, ${flagsOf(['MSG_NOSIGNAL', ...of.flags])}, ${to})`
    }
    case 'send':
      return `send(${on}, ${script.bytes(of.bytes)}, ${of.bytes.length}, ${flagsOf(['MSG_NOSIGNAL', ...of.flags])})`
    case 'recv':
    case 'recvfrom':
      return `recv(${on}, ${buffer}, ${of.bufsize}, ${flagsOf(of.flags)})`
    case 'listen':
      return `listen(${on}, ${of.backlog})`
    case 'shutdown':
      return `shutdown(${on}, ${of.how})`
    case 'close':
      script.imports.add('unistd.h')
      return `close(${on})`
    case 'accept':
      return `accept(${on}, NULL, NULL)`
    default:
      return null
  }
}

/** What C has a function for, or nothing to do for. */
function otherwise(script: Script, act: ActOfKind<'call'>): void {
  const { page } = script
  const { of } = act
  const on = 'on' in of ? script.bench(of.on) : ''
  switch (of.call) {
    case 'sendall':
      return page.line(
        `${script.use('send_all')}(${on}, ${script.bytes(of.bytes)}, ${of.bytes.length});`,
        'send(2), again and again until all is taken.',
      )
    case 'setblocking':
      return page.line(
        `${script.use('set_blocking')}(${on}, ${of.flag ? 1 : 0});`,
        'fcntl(2), O_NONBLOCK: whether calls wait.',
      )
    case 'settimeout':
      return page.line(
        `${script.use('set_timeout')}(${on}, ${Math.round((of.seconds ?? 0) * 1000)});`,
        'Calls give up after so many milliseconds; 0: never.',
      )
    case 'setsockopt':
      return setOption(script, on, of)
    case 'getsockopt': {
      optionHeaders(script, of.option)
      const value = act.names[0] ?? act.as ?? 'value'
      const variable = script.named(`value ${value}`, value)
      page.line(`${script.declare('int ', variable)} = 0;`)
      const length = script.named(`length of ${variable} ${page.lines.length}`, `${variable}_length`)
      page.line(`socklen_t ${length} = sizeof ${variable};`)
      script.check(
        `getsockopt(${on}, ${levelOf(of.option as OptionName)}, ${of.option}, &${variable}, &${length})`,
        'getsockopt',
        `getsockopt(2): ${of.option}.`,
      )
      if (act.expected?.is === 'gives') {
        page.line(`if (${variable} != ${act.expected.text})`)
        page.in(() =>
          page.line(
            `${script.use('fail')}("${of.on}: ${of.option} is %d, expected ${act.expected?.is === 'gives' ? act.expected.text : ''}", ${variable});`,
          ),
        )
      }
      if (act.as !== null) page.line(`printf("${act.as}: %d\\n", ${variable});`)
      return
    }
    default:
      script.cannot(`${act.source}: C has no such call; it is Python's own.`)
  }
}

function setOption(script: Script, on: string, of: Extract<ScriptedCall, { call: 'setsockopt' }>): void {
  const { page } = script
  const { option, value } = of
  optionHeaders(script, option)
  const level = levelOf(option as OptionName)
  if (typeof value === 'number')
    return page.line(
      `${script.use('set_option')}(${on}, ${level}, ${option}, ${value}, "setsockopt ${option}");`,
      `setsockopt(2): ${option}.`,
    )
  const variable = script.named(`option ${page.lines.length}`, `${on}_${option.toLowerCase()}`)
  page.line(`int ${variable}[] = {${value.join(', ')}};`, 'The structure, number by number.')
  script.check(
    `setsockopt(${on}, ${level}, ${option}, ${variable}, sizeof ${variable})`,
    `setsockopt ${option}`,
    `setsockopt(2): ${option}.`,
  )
}

function optionHeaders(script: Script, option: string): void {
  if (option.startsWith('TCP_')) script.imports.add('linux/tcp.h')
  if (!option.startsWith('SO_')) script.imports.add('netinet/in.h')
}

export function call(script: Script, act: ActOfKind<'call'>): void {
  const { page } = script
  const { of, names, expected, as, withinMs } = act
  const about = abouts[of.call] ?? ''
  const on = made(of)
  const isReceive = of.call === 'recv' || of.call === 'recvfrom'
  if (expected?.is === 'blocks') return block(script, act)
  const buffer = isReceive ? bufferOf(script, of.bufsize) : ''
  const text = callText(script, act, buffer)
  if (text === null) return otherwise(script, act)
  if (of.call === 'connect_ex') {
    const code = expected?.is === 'gives' ? Number(expected.text) : null
    script.imports.add('errno.h')
    page.line(
      code === null || code === 0
        ? `if (${text} == -1${code === null ? ' && errno != EINPROGRESS' : ''})`
        : `if (${text} == 0 || errno != ${code})`,
      'connect(2): calls.',
    )
    return page.in(() => page.line(`${script.use('die')}("connect");`))
  }
  if (expected?.is === 'raises') {
    script.imports.add('errno.h')
    return page.line(
      `${script.use('expect_errno')}("${on}", "${of.call}", ${errnoOf(expected.code)}, (int)${text});`,
      `${about} It must fail with ${errnoOf(expected.code)}.`,
    )
  }
  if (expected?.is === 'until') {
    const sum = script.named(`value ${names[0] ?? as ?? 'total'}`, names[0] ?? as ?? 'total')
    const one = script.named(`one of ${sum}`, `one_${of.call}`)
    script.imports.add('errno.h')
    page.line(`${script.declare('long ', sum)} = 0;`, 'The sum of what the calls give.')
    page.line(`${script.declare('ssize_t ', one)};`)
    page.line(`while ((${one} = ${text}) != -1)`, about)
    page.in(() => page.line(`${sum} += ${one};`))
    page.line(`if (errno != ${expected.code})`, `Again and again, until it fails with ${expected.code}.`)
    page.in(() => page.line(`${script.use('die')}("${of.call}");`))
    if (as !== null) page.line(`printf("${as}: %ld\\n", ${sum});`, 'What it came to on this machine.')
    return
  }
  take(script, act, text, about)
  afterwards(script, act)
  void withinMs
}

/** A timeout that is over is told as EAGAIN (SO_RCVTIMEO, socket(7)). */
const errnoOf = (code: string): string => (code === TIMEOUT_ERROR ? 'EAGAIN' : code)

/** The call, its check, and what is done with what it gave. */
function take(
  script: Script,
  { of, names, expected, as }: ActOfKind<'call'>,
  text: string,
  about: string,
): void {
  const { page } = script
  const makes = of.call === 'socket' || of.call === 'accept'
  const isReceive = of.call === 'recv' || of.call === 'recvfrom'
  if (makes) {
    const variable = script.bench(names[0] ?? 'made')
    page.line(`${script.declare('int ', variable)} = ${text};`, about)
    page.line(`if (${variable} == -1)`)
    return page.in(() => page.line(`${script.use('die')}("${of.call}");`))
  }
  const isCounted = isReceive || of.call === 'send' || of.call === 'sendto'
  if (!isCounted || (!isReceive && expected === null && as === null && names.length === 0)) {
    script.check(text, of.call, about)
    return
  }
  const variable = isReceive
    ? script.named('came of a call', 'got')
    : script.named(`value ${names[0] ?? as ?? 'taken'}`, names[0] ?? as ?? 'taken')
  page.line(`${script.declare('ssize_t ', variable)} = ${text};`, about)
  page.line(`if (${variable} == -1)`)
  page.in(() => page.line(`${script.use('die')}("${of.call}");`))
  given(script, made(of), expected, variable, isReceive)
  if (as !== null)
    page.line(
      isReceive
        ? `printf("${as}: %.*s\\n", (int)${variable}, ${bufferOf(script, of.bufsize)});`
        : `printf("${as}: %zd\\n", ${variable});`,
      'What it came to on this machine.',
    )
}

function afterwards(script: Script, { of, addresses }: ActOfKind<'call'>): void {
  if ((of.call !== 'bind' && of.call !== 'connect') || !script.plan.referred.has(of.on)) return
  if (of.address.is === 'path') {
    const path = script.bound(of.on, 'path')
    const [to] = addresses
    script.share(`const char *${path}`, path)
    script.page.line(
      `${path} = ${to !== undefined && 'path' in to ? script.text(to.path) : '""'};`,
      'Where it is called.',
    )
    return
  }
  const port = script.bound(of.on, 'port')
  script.page.line(
    `${script.declare('unsigned short ', port)} = ${script.use('port_of')}(${script.bench(of.on)});`,
    'getsockname(2): the port that it has now, for those who will call it.',
  )
}

/** Compares what a call gave, where what is expected is bytes or a number. */
function given(
  script: Script,
  on: string,
  expected: CallExpectation | null,
  variable: string,
  isReceive: boolean,
): void {
  const { page } = script
  if (expected?.is !== 'gives') return
  const wanted = bytesInPython(expected.text)
  if (isReceive && wanted !== null) {
    page.line(
      `${script.use('expect_data')}("${on}", ${script.named('buffer')}, (size_t)${variable}, ${script.bytes(wanted)}, ${wanted.length});`,
      'What came must be this.',
    )
  } else if (/^\d+$/.test(expected.text)) {
    page.line(`if (${variable} != ${expected.text})`, 'What it gave must be this.')
    page.in(() =>
      page.line(`${script.use('fail')}("${on}: it gave %zd, expected ${expected.text}", ${variable});`),
    )
  } else
    script.cannot(
      `What it gives is expected to be ${expected.text}, as Python prints it: C gives it in another form, and does not compare it.`,
    )
}

function bufferOf(script: Script, size: number): string {
  const buffer = script.named('buffer')
  script.bufferBytes = Math.max(script.bufferBytes, size)
  return buffer
}

/** A call that does not return yet: a thread makes it. */
function block(script: Script, act: ActOfKind<'call'>): void {
  const { page, functions } = script
  const { of, names, withinMs } = act
  const on = made(of)
  const name = script.named(`call on ${on} ${page.lines.length}`, `call_on_${script.bench(on)}`)
  const isReceive = of.call === 'recv' || of.call === 'recvfrom'
  const inside = new Page('    ')
  script.page = inside
  const text = callText(script, act, isReceive ? bufferOf(script, of.bufsize) : '')
  script.page = page
  if (text === null) return script.cannot(`${act.source}: C has no such call; it is not made.`)
  script.shareBench(on)
  script.imports.add('errno.h')
  functions.gap()
  functions.block(`
static ssize_t ${name}_gave; § What the call gave, and errno where it failed.
static int ${name}_errno;

static void *${name}(void *unused) § A call that blocks: a thread makes it.
{
    (void)unused;`)
  functions.in(() => functions.take(inside))
  functions.block(`
    ${name}_gave = ${text}; § ${abouts[of.call] ?? of.call}
    ${name}_errno = errno;
    return NULL;
}`)
  page.line(
    `pthread_t ${name}_thread = ${script.use('start')}(${name}, NULL);`,
    `${abouts[of.call] ?? ''} It blocks: a thread makes it.`,
  )
  page.line(
    `if (${script.use('ends_within')}(${name}_thread, ${withinMs}))`,
    'So long it must not come back.',
  )
  page.in(() => page.line(`${script.use('fail')}("${on}: ${of.call} came back, expected it to block");`))
  script.blocked.set(on, { name, names, call: of.call })
}

export function returns(script: Script, { on, expected, withinMs }: ActOfKind<'returns'>): void {
  const { page } = script
  const blocked = script.blocked.get(on)
  if (blocked === undefined) return script.cannot(`No call on ${on} is under way here.`)
  const { name, names, call: made } = blocked
  page.line(
    `if (!${script.use('ends_within')}(${name}_thread, ${withinMs}))`,
    'The call that blocked comes back now.',
  )
  page.in(() => page.line(`${script.use('fail')}("${on}: ${made} has not come back");`))
  if (expected?.is === 'raises') {
    page.line(
      `if (${name}_gave != -1 || ${name}_errno != ${errnoOf(expected.code)})`,
      `It must have failed with ${expected.code}.`,
    )
    return page.in(() =>
      page.line(`${script.use('fail')}("${on}: ${made} did not fail with ${expected.code}");`),
    )
  }
  page.line(`if (${name}_gave == -1) {`)
  page.in(() => {
    page.line(`errno = ${name}_errno;`)
    page.line(`${script.use('die')}("${made}");`)
  })
  page.line('}')
  if (made === 'accept')
    page.line(
      `${script.declare('int ', script.bench(names[0] ?? 'line'))} = (int)${name}_gave;`,
      'The new socket.',
    )
  else given(script, on, expected, `${name}_gave`, made === 'recv' || made === 'recvfrom')
}

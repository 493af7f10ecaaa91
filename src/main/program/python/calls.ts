import { type ScriptedCall, TIMEOUT_ERROR } from '../../../shared/model/experiment'
import { type ActOfKind } from '../plan/plan'
import { secondsOf, type Script } from './script'

const abouts: Readonly<Record<string, string>> = {
  socket: 'socket(2): a new socket.',
  bind: 'bind(2): gives it its address.',
  listen: 'listen(2): from here on it takes callers.',
  accept: 'accept(2): takes the caller that has waited longest.',
  connect: 'connect(2): calls.',
  connect_ex: 'connect(2): calls, and gives the errno instead of raising.',
  send: 'send(2): gives how many bytes the kernel has taken, which may be fewer.',
  sendall: 'send(2), again and again until all is taken.',
  sendto: 'sendto(2): one datagram, to this address.',
  recv: 'recv(2): what has come, up to so many bytes; none once the peer has finished.',
  recvfrom: 'recvfrom(2): what has come, and from whom.',
  shutdown: 'shutdown(2): one half of the connection is over.',
  close: 'close(2): the socket is gone.',
  setblocking: 'fcntl(2), O_NONBLOCK: whether calls wait.',
  settimeout: 'Calls give up after so many seconds: poll(2) before each of them.',
  setsockopt: 'setsockopt(2): sets an option.',
  getsockopt: 'getsockopt(2): reads an option.',
  getsockname: 'getsockname(2): its own address.',
  getpeername: 'getpeername(2): the address of its peer.',
}

/** One call as Python has it, without what it is given to. */
export function callText(
  script: Script,
  of: ScriptedCall,
  addresses: ActOfKind<'call'>['addresses'],
): string {
  const on = 'on' in of ? script.bench(of.on) : ''
  const flags = (list: readonly string[]): string =>
    list.length === 0 ? '' : `, ${list.map((each) => `socket.${each}`).join(' | ')}`
  const address = (): string => {
    if (!('address' in of)) return ''
    if (of.address.is === 'getsockname') return `${script.bench(of.address.of)}.getsockname()`
    const [first] = addresses
    return first === undefined ? '' : script.address(first)
  }
  switch (of.call) {
    case 'socket': {
      const protocol = of.protocol === '0' ? '' : `, socket.${of.protocol}`
      return `stack.enter_context(socket.socket(socket.${of.family}, socket.${of.type}${protocol}))`
    }
    case 'bind':
    case 'connect':
    case 'connect_ex':
      return `${on}.${of.call}(${address()})`
    case 'sendto':
      return `${on}.sendto(${script.bytes(of.bytes)}${flags(of.flags)}, ${address()})`
    case 'send':
    case 'sendall':
      return `${on}.${of.call}(${script.bytes(of.bytes)}${flags(of.flags)})`
    case 'recv':
    case 'recvfrom':
      return `${on}.${of.call}(${of.bufsize}${flags(of.flags)})`
    case 'listen':
      return `${on}.listen(${of.backlog})`
    case 'shutdown':
      return `${on}.shutdown(socket.${of.how})`
    case 'setblocking':
      return `${on}.setblocking(${of.flag ? 'True' : 'False'})`
    case 'settimeout':
      return `${on}.settimeout(${of.seconds ?? 'None'})`
    case 'setsockopt':
      return `${on}.setsockopt(${optionText(of.option)}, ${valueText(script, of.value)})`
    case 'getsockopt':
      return `${on}.getsockopt(${optionText(of.option)})`
    case 'makefile':
      return `${on}.makefile("rb")`
    case 'readline':
      return `${on}_lines.readline()`
    default:
      return `${on}.${of.call}()`
  }
}

const valueText = (script: Script, value: number | readonly number[]): string =>
  typeof value === 'number'
    ? String(value)
    : `${script.module('struct')}.pack("${'i'.repeat(value.length)}", ${value.join(', ')})`

function optionText(name: string): string {
  const level = name.startsWith('TCP_')
    ? 'IPPROTO_TCP'
    : name.startsWith('IPV6_')
      ? 'IPPROTO_IPV6'
      : name.startsWith('IP_')
        ? 'IPPROTO_IP'
        : 'SOL_SOCKET'
  return `socket.${level}, socket.${name}`
}

/** The head of a block that must fail. */
function failing(script: Script, on: string, code: string): string {
  return code === TIMEOUT_ERROR
    ? `with ${script.use('times_out')}("${on}"):`
    : `with ${script.use('raises')}("${on}", ${script.module('errno')}.${code}):`
}

export function call(script: Script, act: ActOfKind<'call'>): void {
  const { page } = script
  const { of, names, expected, as, withinMs, addresses } = act
  const text = callText(script, of, addresses)
  const about = abouts[of.call] ?? ''
  const isAccept = of.call === 'accept'
  const targets =
    // What reads lines goes by its socket's name: that is what `readline` steps are about.
    of.call === 'makefile'
      ? [`${script.bench(of.on)}_lines`]
      : names.map((name, at) => (at === 0 ? script.bench(name) : script.named(`value ${name}`, name)))
  const [first] = targets
  if (expected?.is === 'blocks') {
    const on = 'on' in of ? of.on : ''
    const variable = script.named(`call on ${on}`, `call_on_${on}`)
    script.use('in_background')
    page.line(`${variable} = Call(lambda: ${text})`, `${about} It blocks: a thread makes it.`)
    page.line(`${variable}.expect_blocked(${secondsOf(withinMs)})`, 'So long it has not come back.')
    script.blocked.set(on, { variable, targets, isAccept })
    return
  }
  if (expected?.is === 'until') {
    const sum = first ?? (as === null ? 'total' : script.named(`value ${as}`, as))
    page.line(`${sum} = 0`, 'The sum of what the calls give.')
    page.line(
      `with ${script.use('raises')}("${'on' in of ? of.on : ''}", ${script.module('errno')}.${expected.code}):`,
      `Again and again, until it fails with ${expected.code}.`,
    )
    page.in(() => {
      page.line('while True:')
      page.in(() =>
        page.line(
          of.call === 'recv' || of.call === 'recvfrom' ? `${sum} += len(${text})` : `${sum} += ${text}`,
          about,
        ),
      )
    })
    if (as !== null) page.line(`print("${as}:", ${sum})`, 'What it came to on this machine.')
    return
  }
  if (expected?.is === 'raises') {
    page.line(
      failing(script, 'on' in of ? of.on : 'call', expected.code),
      expected.code === TIMEOUT_ERROR
        ? 'What follows must give up by its timeout.'
        : `What follows must fail with ${expected.code}: errno(3).`,
    )
    page.in(() => page.line(text, about))
    return
  }
  const value = isAccept && targets.length === 1 ? `${text}[0]` : text
  const given =
    expected?.is === 'gives' && first === undefined
      ? as === null
        ? 'gave'
        : script.named(`value ${as}`, as)
      : first
  page.line(
    given === undefined ? value : `${targets.length > 1 ? targets.join(', ') : given} = ${value}`,
    about,
  )
  if (isAccept && first !== undefined)
    page.line(`stack.enter_context(${first})`, 'The stack closes it at the end.')
  const made = 'on' in of ? of.on : first
  if ((of.call === 'bind' || of.call === 'connect') && script.plan.referred.has(of.on)) {
    const isPath = of.address.is === 'path'
    page.line(
      `${script.bound(of.on, isPath ? 'path' : 'port')} = ${made === undefined ? '' : script.bench(made)}.getsockname()${isPath ? '' : '[1]'}`,
      'getsockname(2): what it is bound to, for those who will call it.',
    )
  }
  if (expected?.is === 'gives' && given !== undefined)
    page.line(
      `${script.use('expect')}("${'on' in of ? of.on : 'call'}", repr(${given}), ${JSON.stringify(expected.text)})`,
      'What it gave must be this.',
    )
  if (as !== null && given !== undefined)
    page.line(`print("${as}:", ${given})`, 'What it came to on this machine.')
}

export function returns(script: Script, { on, expected, withinMs }: ActOfKind<'returns'>): void {
  const { page } = script
  const blocked = script.blocked.get(on)
  if (blocked === undefined) return script.cannot(`No call on ${on} is under way here.`)
  const { variable, targets, isAccept } = blocked
  const result = `${variable}.result(${secondsOf(withinMs)})`
  const [first] = targets
  const about = 'The call that blocked has come back now.'
  if (expected?.is === 'raises') {
    page.line(failing(script, on, expected.code), `It must have failed with ${expected.code}.`)
    page.in(() => page.line(result, about))
    return
  }
  const given = first ?? (expected?.is === 'gives' ? 'gave' : undefined)
  const value = isAccept && targets.length === 1 ? `${result}[0]` : result
  page.line(
    given === undefined ? value : `${targets.length > 1 ? targets.join(', ') : given} = ${value}`,
    about,
  )
  if (isAccept && first !== undefined)
    page.line(`stack.enter_context(${first})`, 'The stack closes it at the end.')
  if (expected?.is === 'gives' && given !== undefined)
    page.line(
      `${script.use('expect')}("${on}", repr(${given}), ${JSON.stringify(expected.text)})`,
      'What it gave must be this.',
    )
}

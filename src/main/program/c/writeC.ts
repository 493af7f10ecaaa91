import { fixed, laterIn, wordsIn } from '../plan/addresses'
import { type Act, type ActOfKind, type Behaviour, type Plan, othersAsked } from '../plan/plan'
import { isReadLater } from '../plan/reads'
import { commentLines, Page } from '../page'
import { type Written } from '../written'
import { returns } from './blocking'
import { call } from './calls'
import { close, kernel, look, queue, reset, shutdown } from './ending'
import { cHelpers } from './helpers'
import { accept, bind, dial, listen } from './opening'
import { quoted, Script } from './script'
import { end, error, read, readDatagram, send, sendTo, silence } from './talking'

/** A plan as a C program (C11, POSIX, glibc). */
export function writeC(plan: Plan, fileName: string): Written & { readonly hasThreads: boolean } {
  const script = new Script(plan)
  for (const each of plan.acts)
    if (each.do === 'call' && makesSocket(each)) script.shareBench(each.names[0] ?? 'made')
  for (const { name, ...each } of plan.ends)
    if ('behaviour' in each && isPassingOn(each.behaviour) && (plan.only ?? name) === name)
      for (const later of wordsIn(each.behaviour.to).flatMap(laterIn)) {
        if (!('of' in later)) continue
        const variable = script.bound(later.of, later.part)
        script.share(`unsigned short ${variable}`, variable)
      }
  for (const each of plan.acts) script.page.during(each.steps, () => act(script, each))
  const lines = assembled(script, fileName)
  return { lines, notes: script.notes, hasThreads: script.imports.has('pthread.h') }
}

const makesSocket = ({ of, expected }: ActOfKind<'call'>): boolean =>
  (of.call === 'socket' || of.call === 'accept') && expected?.is !== 'raises'

/** Threads need to know where to. */
const isPassingOn = (behaviour: Behaviour): behaviour is Extract<Behaviour, { is: 'proxy' | 'impair' }> =>
  behaviour.is === 'proxy' || behaviour.is === 'impair'

function act(script: Script, each: Act): void {
  const { page } = script
  switch (each.do) {
    case 'part':
      page.gap()
      return page.line(`/* ${each.name} */`)
    case 'remark':
      return script.cannot(each.text)
    case 'listen':
      return listen(script, each)
    case 'bind':
      return bind(script, each)
    case 'dial':
      return dial(script, each)
    case 'stillDialling':
      return page.line(
        `${script.use('expect_dialling')}("${each.sock.name}", ${script.variable(each.sock)}, ${each.withinMs});`,
        'For so long nobody answers: the kernel sends its SYN again and again.',
      )
    case 'connected':
      return page.line(
        `${script.use('finish_connect')}("${each.sock.name}", ${script.variable(each.sock)}, ${each.withinMs});`,
        'The call that was begun is answered now.',
      )
    case 'accept':
      return accept(script, each)
    case 'send':
      return send(script, each)
    case 'sendTo':
      return sendTo(script, each)
    case 'read':
      return read(script, each)
    case 'readDatagram':
      return readDatagram(script, each)
    case 'end':
      return end(script, each)
    case 'error':
      return error(script, each)
    case 'silence':
      return silence(script, each)
    case 'queue':
      return queue(script, each)
    case 'kernel':
      return kernel(script, each)
    case 'look':
      return look(script, each)
    case 'wait':
      return page.line(`${script.use('sleep_ms')}(${each.withinMs});`, 'Waits.')
    case 'close':
      return close(script, each)
    case 'reset':
      return reset(script, each)
    case 'shutdown':
      return shutdown(script, each)
    case 'unplug':
      return page.line(
        `${script.use('unplug')}(${script.sender(each.sock)});`,
        'From here on whatever is sent to it is lost, as if its cable were pulled out.',
      )
    case 'plug':
      return page.line(
        `${script.use('set_option')}(${script.sender(each.sock)}, SOL_SOCKET, SO_DETACH_FILTER, 0, "setsockopt SO_DETACH_FILTER");`,
        'SO_DETACH_FILTER of socket(7): the filter is taken off, and what is sent to it arrives again.',
      )
    case 'file':
      if (each.mode === null) {
        script.imports.add('unistd.h')
        return script.check(`unlink(${script.text(each.path)})`, 'unlink', 'unlink(2): the file is gone.')
      }
      script.imports.add('sys/stat.h')
      return script.check(
        `chmod(${script.text(each.path)}, 0${each.mode.toString(8)})`,
        'chmod',
        'chmod(2): who may use the file.',
      )
    case 'pause':
      return script.comment('From here on nobody reads it: what comes stays in the kernel.')
    case 'resume':
      script.comment('From here on it is read again.')
      if (isReadLater(script.plan, each)) return
      return page.line(
        `${script.use('read_in_background')}(${script.variable(each.sock)});`,
        'A thread reads whatever comes.',
      )
    case 'untilGone':
      page.line(`${script.use('set_timeout')}(${script.variable(each.sock)}, 0);`, 'However long it takes.')
      return page.line(
        `${script.use('read_to_end')}("${each.sock.name}", ${script.variable(each.sock)});`,
        'This caller may go on; we leave when it has.',
      )
    case 'call':
      return call(script, each)
    case 'returns':
      return returns(script, each)
  }
}

function assembled(script: Script, fileName: string): Page['lines'] {
  const { plan } = script
  const out = new Page('    ')
  const main = mainOf(script)
  const title = [plan.name, plan.about].filter((each) => each !== '').join(': ') || fileName
  const lines = [
    plan.only === null ? title : `${plan.only} of "${plan.name || fileName}".`,
    ...script.notes,
  ].flatMap((each) =>
    commentLines(each.replaceAll('*/', '* /').replaceAll('/*', '/ *').replaceAll('??', '? ?'), '', 90),
  )
  for (const [at, each] of lines.entries())
    out.line(`${at === 0 ? '/*' : ' *'} ${each}${at === lines.length - 1 ? ' */' : ''}`)
  out.line(
    '#define _GNU_SOURCE 1',
    'feature_test_macros(7): what POSIX, Linux and glibc have besides C itself is declared.',
  )
  for (const each of [...script.imports].sort()) out.line(`#include <${each}>`, headers[each] ?? '')
  if (script.globals.lines.length > 0) {
    out.gap()
    out.take(script.globals)
  }
  for (const [name, { text }] of Object.entries(cHelpers)) {
    if (!script.helpers.has(name)) continue
    out.gap()
    out.block(text)
  }
  if (script.functions.lines.length > 0) {
    out.gap()
    out.take(script.functions)
  }
  out.gap()
  out.take(main)
  return out.lines
}

function mainOf(script: Script): Page {
  const { plan } = script
  const main = new Page('    ')
  main.line(
    plan.only === null ? 'int main(void)' : 'int main(int argc, char *argv[])',
    'All that it does, from the beginning to the end.',
  )
  main.line('{')
  main.in(() => {
    const own = plan.ends.find((each) => each.name === plan.only)
    if (own !== undefined) argumentsOf(script, main)
    if (script.helpers.has('upper_utf8')) {
      main.line('if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)', 'setlocale(3): text is UTF-8.')
      main.in(() => main.line(`${script.use('fail')}("there is no locale C.UTF-8");`))
    }
    if (plan.usesTemp && own === undefined) {
      script.imports.add('stdlib.h')
      script.globals.line(
        'static char temp[] = "/tmp/experiment-XXXXXX";',
        'The name of a new folder; its last six letters are chosen by mkdtemp(3).',
      )
      main.line('if (mkdtemp(temp) == NULL)', 'mkdtemp(3): a new folder.')
      main.in(() => main.line(`${script.use('die')}("mkdtemp");`))
      main.line(
        `if (atexit(${script.use('remove_folder')}) != 0)`,
        'atexit(3): it is removed however the program ends.',
      )
      main.in(() => main.line(`${script.use('fail')}("atexit failed");`))
    }
    if (plan.usesLan)
      main.line(
        `const char *lan = ${script.use('lan_address')}();`,
        'The address by which others reach this machine.',
      )
    if (script.prologue.has('datagram')) {
      main.line('static char data[65536];', 'Room for the longest datagram.')
      main.line('ssize_t came;', 'How long the last one was.')
    }
    if (script.bufferBytes > 0)
      script.globals.line(
        `static char ${script.named('buffer')}[${script.bufferBytes || 1}];`,
        'Room for what is read.',
      )
    main.take(script.page)
    main.line('return 0;', 'All came as expected. What is still open, the kernel closes.')
  })
  main.line('}')
  return main
}

/** What one end alone takes from its command line. */
function argumentsOf(script: Script, main: Page): void {
  const { plan } = script
  const own = plan.ends.find((each) => each.name === plan.only)
  if (own === undefined) return
  const { address } = own
  const list: { variable: string; standard: string | null; type: string; about: string }[] = []
  const text = 'const char *'
  if ('path' in address) {
    const path = fixed(address.path)
    list.push({
      variable: 'path',
      standard: path === null ? null : quoted(path),
      type: text,
      about: 'The path, from the command line if it is there.',
    })
  } else {
    const host = fixed(address.host)
    list.push({
      variable: 'host',
      standard: host === null ? null : quoted(host),
      type: text,
      about: 'The host, from the command line if it is there.',
    })
    if ('port' in address) {
      const port = fixed(address.port)
      list.push({
        variable: 'port',
        standard: port === null ? null : quoted(port),
        type: text,
        about: 'The port, likewise.',
      })
    }
  }
  for (const of of othersAsked(plan, own)) {
    script.imports.add('stdlib.h')
    list.push({
      variable: script.bound(of, 'port'),
      standard: null,
      type: 'unsigned short ',
      about: `The port of ${of}.`,
    })
  }
  const needed = list.findLastIndex((each) => each.standard === null) + 1
  if (needed > 0) {
    main.line(
      `if (argc < ${needed + 1})`,
      'It is not known where the other side is: the command line must say it.',
    )
    main.in(() =>
      main.line(
        `${script.use('fail')}("usage: %s ${list.map((each) => each.variable.toUpperCase()).join(' ')}", argv[0]);`,
      ),
    )
  }
  for (const [at, { variable, standard, type, about }] of list.entries()) {
    const given = type === text ? `argv[${at + 1}]` : `(unsigned short)atoi(argv[${at + 1}])`
    main.line(
      `${script.shared.has(variable) ? '' : type}${variable} = ${standard === null || at < needed ? given : `argc > ${at + 1} ? ${given} : ${standard}`};`,
      about,
    )
  }
}

const headers: Readonly<Record<string, string>> = {
  'sys/socket.h': 'The calls on sockets: socket(2), bind(2), connect(2) …',
  'stdio.h': 'printf(3), perror(3).',
  'errno.h': 'errno, and the names of the errors: errno(3).',
  'unistd.h': 'close(2), and other calls of the system.',
  'netinet/in.h': 'IP addresses: ip(7).',
  'arpa/inet.h': 'Addresses to text and back: inet_pton(3).',
  'netdb.h': 'Names of hosts: getaddrinfo(3).',
  'sys/un.h': 'Paths as addresses: unix(7).',
  'linux/tcp.h': 'Options of TCP, and what it tells of itself: tcp(7).',
  'pthread.h': 'Threads: pthreads(7).',
  'poll.h': 'Waits for a descriptor: poll(2).',
  'string.h': 'memcmp(3), strerror(3).',
}

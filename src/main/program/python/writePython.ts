import { fixed } from '../plan/addresses'
import { type Act, type Plan, othersAsked } from '../plan/plan'
import { isReadLater } from '../plan/reads'
import { commentLines, Page } from '../page'
import { type Written } from '../written'
import { call, returns } from './calls'
import { close, connected, kernel, look, queue, reset, shutdown, stillDialling, unplug } from './ending'
import { pythonHelpers } from './helpers'
import { accept, bind, dial, listen } from './opening'
import { quoted, Script, secondsOf } from './script'
import { end, error, read, readDatagram, send, sendTo, silence } from './talking'

/** A plan as a Python program of its standard library alone. @param fileName it will have */
export function writePython(plan: Plan, fileName: string): Written {
  const script = new Script(plan)
  for (const each of plan.acts) script.page.during(each.steps, () => act(script, each))
  return { lines: assembled(script, fileName), notes: script.notes }
}

function act(script: Script, each: Act): void {
  const { page } = script
  switch (each.do) {
    case 'part':
      page.gap()
      return page.line(`# ${each.name}`)
    case 'remark':
      return script.cannot(each.text)
    case 'listen':
      return listen(script, each)
    case 'bind':
      return bind(script, each)
    case 'dial':
      return dial(script, each)
    case 'stillDialling':
      return stillDialling(script, each)
    case 'connected':
      return connected(script, each)
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
      return page.line(`${script.module('time')}.sleep(${secondsOf(each.withinMs)})`, 'Waits.')
    case 'close':
      return close(script, each)
    case 'reset':
      return reset(script, each)
    case 'shutdown':
      return shutdown(script, each)
    case 'unplug':
      return unplug(script, each)
    case 'plug':
      return page.line(
        `${script.sender(each.sock)}.setsockopt(socket.SOL_SOCKET, 27, 0)  # SO_DETACH_FILTER`,
        'SO_DETACH_FILTER of socket(7): the filter is taken off, and what is sent to it arrives again.',
      )
    case 'file':
      return each.mode === null
        ? page.line(
            `${script.module('os')}.unlink(${script.text(each.path)})`,
            'unlink(2): the file is gone.',
          )
        : page.line(
            `${script.module('os')}.chmod(${script.text(each.path)}, 0o${each.mode.toString(8)})`,
            'chmod(2): who may use the file.',
          )
    case 'pause':
      return script.comment('From here on nobody reads it: what comes stays in the kernel.')
    case 'resume': {
      script.comment('From here on it is read again.')
      if (isReadLater(script.plan, each)) return
      script.use('in_background')
      return page.line(
        `Call(lambda: ${script.use('read_to_end')}(${script.variable(each.sock)}))`,
        'A thread reads whatever comes.',
      )
    }
    case 'untilGone':
      page.line(`${script.variable(each.sock)}.settimeout(None)`, 'However long it takes.')
      return page.line(
        `${script.use('read_to_end')}(${script.variable(each.sock)})`,
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
  out.line('#!/usr/bin/env python3', 'On Unix the file can be run by its name: execve(2).')
  header(script, fileName, out)
  const main = mainOf(script)
  for (const each of [...script.imports].sort()) out.line(`import ${each}`, modules[each] ?? '')
  for (const [name, { text }] of Object.entries(pythonHelpers)) {
    if (!script.helpers.has(name)) continue
    out.gap()
    out.line('')
    out.block(text)
  }
  if (script.functions.lines.length > 0) {
    out.gap()
    out.take(script.functions)
  }
  out.gap()
  out.line('')
  out.take(main)
  out.gap()
  out.line('')
  const failures = [
    script.helpers.has('Unexpected') ? 'Unexpected' : '',
    'OSError',
    script.imports.has('queue') ? 'queue.Empty' : '',
  ].filter((each) => each !== '')
  const isServing = plan.ends.some(
    (each) => each.name === plan.only && 'behaviour' in each && each.behaviour.is !== 'none',
  )
  out.block(`
if __name__ == "__main__": § Only where it is run, not where another program imports it.
    try:
        main()`)
  if (isServing)
    out.block(`
    except KeyboardInterrupt: § Ctrl-C: that is how it is ended.
        pass`)
  out.block(`
    except ${failures.length === 1 ? failures.join('') : `(${failures.join(', ')})`} as problem: § Whatever is not as expected ends the program with exit code 1 and one line.
        sys.exit(f"{sys.argv[0]}: {problem or type(problem).__name__}")`)
  return out.lines
}

function header({ plan, notes }: Script, fileName: string, out: Page): void {
  const title = [plan.name, plan.about].filter((each) => each !== '').join(': ') || fileName
  const text = plan.only === null ? title : `${plan.only} of "${plan.name || fileName}".`
  // Nothing in it may end the docstring, or begin an escape.
  const safe = (each: string): string =>
    each.replaceAll('\\', '/').replaceAll('"""', "'''").replace(/"$/, "'")
  const lines = commentLines(safe(text), '')
  const more = notes.flatMap((each) => commentLines(safe(each), ''))
  const isShort = lines.length === 1 && more.length === 0
  out.line(`"""${lines.join('\n')}${isShort ? '"""' : ''}`)
  if (more.length > 0) out.line('')
  for (const each of more) out.line(each)
  if (!isShort) out.line('"""')
  out.line('')
}

function mainOf(script: Script): Page {
  const { plan } = script
  const main = new Page('    ')
  main.line('def main():', 'All that it does, from the beginning to the end.')
  main.in(() => {
    for (const each of [...script.shared].sort()) main.line(`global ${each}`, 'A thread needs it, too.')
    const own = plan.ends.find((each) => each.name === plan.only)
    const required = argumentsOf(script)
    for (const [at, { variable, standard, isNumber, about }] of required.entries()) {
      const given = isNumber ? `int(sys.argv[${at + 1}])` : `sys.argv[${at + 1}]`
      if (standard === null && own !== undefined) {
        main.line(
          `if len(sys.argv) < ${at + 2}:`,
          'It is not known where the other side is: the command line must say it.',
        )
        main.in(() =>
          main.line(
            `sys.exit(f"usage: {sys.argv[0]} ${required.map((each) => each.variable.toUpperCase()).join(' ')}")`,
          ),
        )
        main.line(`${variable} = ${given}`, about)
      } else main.line(`${variable} = ${given} if len(sys.argv) > ${at + 1} else ${standard ?? '""'}`, about)
    }
    if (plan.usesTemp || plan.usesLan) main.line('')
    main.line(
      `with ${script.module('contextlib')}.ExitStack() as stack:`,
      'Closes what it was given at the end, however that comes about, the last first.',
    )
    main.in(() => {
      if (plan.usesTemp && plan.only === null)
        main.line(
          `temp = stack.enter_context(${script.module('tempfile')}.TemporaryDirectory())`,
          'A new folder, removed at the end.',
        )
      if (plan.usesLan)
        main.line(`lan = ${script.use('lan_address')}()`, 'The address by which others reach this machine.')
      main.take(script.page)
      if (script.page.lines.every(({ text }) => text.trim() === '' || text.trim().startsWith('#')))
        main.line('pass')
    })
  })
  return main
}

interface Argument {
  readonly variable: string
  readonly standard: string | null
  readonly isNumber: boolean
  readonly about: string
}

/** What one end alone takes from its command line. */
function argumentsOf(script: Script): readonly Argument[] {
  const { plan } = script
  const own = plan.ends.find((each) => each.name === plan.only)
  if (own === undefined) return []
  const { address } = own
  const list: Argument[] = []
  if ('path' in address) {
    const path = fixed(address.path)
    list.push({
      variable: 'path',
      standard: path === null ? null : script.unixPath(address.path),
      isNumber: false,
      about: 'The path, from the command line if it is there.',
    })
  } else {
    const host = fixed(address.host)
    list.push({
      variable: 'host',
      standard: host === null ? null : quoted(host),
      isNumber: false,
      about: 'The host, from the command line if it is there.',
    })
    if ('port' in address)
      list.push({
        variable: 'port',
        standard: fixed(address.port),
        isNumber: true,
        about: 'The port, likewise.',
      })
  }
  for (const of of othersAsked(plan, own)) {
    list.push({
      variable: script.bound(of, 'port'),
      standard: null,
      isNumber: true,
      about: `The port of ${of}.`,
    })
  }
  return list
}

const modules: Readonly<Record<string, string>> = {
  socket: "Python's sockets: thin clothes over the system's calls.",
  sys: 'The command line, and the exit code.',
  errno: 'The names of the errors: errno(3).',
  contextlib: 'What is opened is closed again, whatever happens.',
  threading: 'Threads: several things at once.',
  queue: 'What one thread hands to another.',
  select: 'Waits for several sockets at once: select(2).',
  struct: 'Bytes as C lays them out.',
  re: 'Regular expressions.',
  time: 'Clocks, and waiting.',
  pathlib: 'Files and their paths.',
  codecs: 'Bytes to text, piece by piece.',
}

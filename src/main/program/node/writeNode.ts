import { type KernelField } from '../../../shared/model/kernelFields'
import { fixed } from '../plan/addresses'
import { type Act, type ActOfKind, type Plan, othersAsked } from '../plan/plan'
import { commentLines, Page } from '../page'
import { type Written } from '../written'
import { call, returns } from './calls'
import { nodeHelpers, streamMethods } from './helpers'
import { accept, bind, dial, listen } from './opening'
import { quoted, Script } from './script'
import { end, error, read, readDatagram, send, sendTo, silence } from './talking'

/** A plan as a program for Node 20 and later, of its own modules alone. */
export function writeNode(plan: Plan, fileName: string): Written {
  const script = new Script(plan)
  for (const each of plan.acts) script.page.during(each.steps, () => act(script, each))
  return { lines: assembled(script, fileName), notes: script.notes }
}

function act(script: Script, each: Act): void {
  const { page } = script
  if (each.do === 'part') {
    page.gap()
    return page.line(`// ${each.name}`)
  }
  if (script.isOver) return
  if (each.do === 'remark') return script.cannot(each.text)
  if (each.do === 'wait') return page.line(`await ${script.sleep()}(${each.withinMs})`, 'Waits.')
  if (each.do === 'file') {
    const key = JSON.stringify(each.path)
    if (!script.files.has(key)) return script.comment('Left out: in Node that file is not there now.')
    if (each.mode === null) script.files.delete(key)
    script.imports.add('fs from node:fs/promises')
    return each.mode === null
      ? page.line(`await fs.unlink(${script.text(each.path)})`, 'unlink(2): the file is gone.')
      : page.line(
          `await fs.chmod(${script.text(each.path)}, 0o${each.mode.toString(8)})`,
          'chmod(2): who may use the file.',
        )
  }
  if (each.do === 'call') return call(script, each)
  if (each.do === 'returns') return returns(script, each)
  const isOpening = each.do === 'listen' || each.do === 'dial' || each.do === 'bind'
  if (!isOpening && script.absent.has(each.sock.name))
    return script.comment(`Left out, as ${each.sock.name} is not there.`)
  doing(script, each)
}

function doing(
  script: Script,
  each: Exclude<Act, { do: 'part' | 'remark' | 'wait' | 'file' | 'call' | 'returns' }>,
): void {
  const { page } = script
  const variable = script.variable(each.sock)
  switch (each.do) {
    case 'listen':
      return listen(script, each)
    case 'bind':
      return bind(script, each)
    case 'dial':
      return dial(script, each)
    case 'accept':
      return accept(script, each)
    case 'stillDialling': {
      if (each.calls !== null)
        return script.cannot(
          `A server of Node has taken this call already: that nobody answers ${each.sock.name} cannot be shown.`,
        )
      page.line(`await ${script.sleep()}(${each.withinMs})`, 'Meanwhile nobody answers.')
      return page.line(
        `if (!${variable}.socket.connecting) throw new Error('${each.sock.name}: somebody answered, expected no answer')`,
        'It still calls.',
      )
    }
    case 'connected':
      return page.line(
        `if (${variable}.socket.connecting) await ${script.once()}(${variable}.socket, 'connect', { signal: AbortSignal.timeout(${each.withinMs}) })`,
        'The call that was begun is answered now.',
      )
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
      return script.cannot(
        'Node does not tell how many wait to be accepted, and accepts them all: it is not looked at.',
      )
    case 'kernel': {
      const rest = each.fields.filter(({ field, how, number }) => !unread(script, each, field, how, number))
      if (rest.length > 0)
        script.cannot('Node does not tell what the kernel knows of a socket (TCP_INFO): it is not looked at.')
      return
    }
    case 'look':
      return script.cannot(
        'Node does not tell what the kernel knows of a socket (TCP_INFO): it is not looked at.',
      )
    case 'plug':
    case 'unplug':
      script.cannot(
        `Node cannot attach a filter to a socket (SO_ATTACH_FILTER): ${each.sock.name} cannot be unplugged, and what follows is left out.`,
      )
      script.isOver = true
      return
    case 'close':
      script.listening.delete(each.sock.name)
      if (each.path !== null) script.files.delete(JSON.stringify(each.path))
      if (each.sock.kind === 'listener')
        return page.line(
          `${variable}.close()`,
          'close(2): nobody can call it any more; its callers stay. The file of a Unix socket goes with it.',
        )
      if (each.sock.kind === 'datagram')
        return page.line(`${variable}.socket.close()`, 'close(2): datagrams for it are refused from here on.')
      return page.line(
        `await ${script.use('close')}(${variable}.socket)`,
        'shutdown(2), close(2): sends FIN, hangs up.',
      )
    case 'reset':
      if (each.sock.isUnix) return script.cannot(`A Unix socket sends no RST: ${each.sock.name} is closed.`)
      return page.line(
        `${variable}.socket.resetAndDestroy()`,
        'SO_LINGER with 0 seconds, close(2): sends RST.',
      )
    case 'shutdown':
      return page.line(
        `${variable}.socket.end()`,
        'shutdown(2): sends FIN, we have said all; what the peer says can still be read.',
      )
    case 'pause':
      return page.line(
        `${variable}.socket.pause()`,
        'From here on nothing is read: what comes stays in the kernel.',
      )
    case 'resume':
      return page.line(`${variable}.socket.resume()`, 'From here on it is read again.')
    case 'untilGone':
      return page.line(
        `if (!${variable}.socket.closed && !${variable}.hasEnded) await ${script.once()}(${variable}.socket, 'end')`,
        'This caller may go on; we leave when it has.',
      )
  }
}

/** What nobody has read lies in the kernel elsewhere; Node has read it, and it waits in the program. */
function unread(
  script: Script,
  { sock, withinMs }: ActOfKind<'kernel'>,
  field: KernelField,
  how: string,
  number: number,
): boolean {
  const state = script.bench.get(sock.name)
  const isStream = sock.kind === 'bench' ? state?.kind === 'stream' && !state.isOver : sock.kind === 'stream'
  if (field !== 'recvQ' || !isStream) return false
  const variable = script.variable(sock)
  script.page.line(
    `await ${variable}.until(() => ${variable}.bytes.length ${how === '=' ? '===' : how} ${number}, ${withinMs}, () => 'another number of bytes is unread than expected')`,
    'What nobody has asked for lies in the kernel elsewhere (Recv-Q); Node has read it, and it waits in the program.',
  )
  return true
}

function assembled(script: Script, fileName: string): Page['lines'] {
  const { plan } = script
  const out = new Page('  ')
  const main = mainOf(script)
  const title = [plan.name, plan.about].filter((each) => each !== '').join(': ') || fileName
  for (const each of [
    plan.only === null ? title : `${plan.only} of "${plan.name || fileName}".`,
    ...script.notes,
  ])
    for (const line of commentLines(each, '// ')) out.line(line)
  for (const each of [...script.imports].sort(byModule)) {
    const [what = '', from = ''] = each.split(' from ')
    out.line(`import ${what} from '${from}'`, modules[from] ?? '')
  }
  for (const [name, { text }] of Object.entries(nodeHelpers)) {
    if (!script.helpers.has(name)) continue
    const methods = Object.entries(streamMethods).flatMap(([method, lines]) =>
      script.methods.has(method) ? [lines.replace(/^\n/, '')] : [],
    )
    out.gap()
    out.block(name === 'Stream' ? text.replace('METHODS', methods.map((each) => `${each}\n`).join('')) : text)
  }
  out.gap()
  if (script.functions.lines.length > 0) out.take(script.functions)
  out.gap()
  out.take(main)
  out.gap()
  out.block(`
main().then( § Runs it.
  () => process.exit(0), § All came as expected; what is still open is closed by the kernel.
  (error) => { § Whatever is not as expected ends the program with exit code 1 and one line.
    console.error(\`${fileName}: \${error.message}\`)
    process.exit(1)
  },
)`)
  return out.lines
}

const byModule = (one: string, other: string): number =>
  (one.split(' from ')[1] ?? '').localeCompare(other.split(' from ')[1] ?? '')

function mainOf(script: Script): Page {
  const { plan } = script
  const main = new Page('  ')
  main.line('async function main() {', 'All that it does, from the beginning to the end.')
  main.in(() => {
    if (plan.only !== null) argumentsOf(script, main)
    if (plan.usesLan)
      main.line(
        `const lan = ${script.use('lanAddress')}()`,
        'The address by which others reach this machine.',
      )
    if (!plan.usesTemp || plan.only !== null) return main.take(script.page)
    script.imports.add('{ mkdtemp, rm } from node:fs/promises')
    script.imports.add('{ tmpdir } from node:os')
    script.imports.add('{ join } from node:path')
    main.line("const temp = await mkdtemp(join(tmpdir(), 'experiment-'))", 'mkdtemp(3): a new folder.')
    main.line('try {')
    main.in(() => main.take(script.page))
    main.line('} finally {')
    main.in(() => main.line('await rm(temp, { recursive: true, force: true })', 'It is removed at the end.'))
    main.line('}')
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
  const list: { variable: string; standard: string | null }[] = []
  if ('path' in address)
    list.push({
      variable: 'path',
      standard: fixed(address.path) === null ? null : script.unixPath(address.path),
    })
  else {
    const host = fixed(address.host)
    list.push({ variable: 'host', standard: host === null ? null : quoted(host) })
    if ('port' in address) {
      const port = fixed(address.port)
      list.push({ variable: 'port', standard: port === null ? null : String(Number(port)) })
    }
  }
  for (const of of othersAsked(plan, own)) list.push({ variable: script.bound(of, 'port'), standard: null })
  const names = list.map(({ variable, standard }) =>
    standard === null ? variable : `${variable} = ${standard}`,
  )
  main.line(
    `const [${names.join(', ')}] = process.argv.slice(2)`,
    'What the command line says, or else what stands here.',
  )
  const needed = list.findLast(({ standard }) => standard === null)
  if (needed !== undefined)
    main.line(
      `if (${needed.variable} === undefined) throw new Error('usage: ${list.map((each) => each.variable.toUpperCase()).join(' ')}')`,
      'It is not known where the other side is: the command line must say it.',
    )
}

const modules: Readonly<Record<string, string>> = {
  'node:net': 'TCP and Unix sockets.',
  'node:dgram': 'UDP sockets.',
  'node:events': 'once waits for one event.',
  'node:timers/promises': 'Waiting.',
  'node:string_decoder': 'Bytes to text, piece by piece.',
  'node:fs/promises': 'Files.',
}

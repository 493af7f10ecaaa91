import { type ActOfKind } from '../plan/plan'
import { block } from './blocking'
import { abouts, bufferOf, callText, made, readBytes } from './callText'
import { errnoOf, given } from './given'
import { otherwise } from './otherCalls'
import { type Script } from './script'

export function call(script: Script, act: ActOfKind<'call'>): void {
  const { page } = script
  const { of, names, expected, as, withinMs } = act
  const about = abouts[of.call] ?? ''
  const on = made(of)
  if (expected?.is === 'blocks') return block(script, act)
  const buffer = bufferOf(script, of)
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

/** The call, its check, and what is done with what it gave. */
function take(
  script: Script,
  { of, names, expected, as }: ActOfKind<'call'>,
  text: string,
  about: string,
): void {
  const { page } = script
  const makes = of.call === 'socket' || of.call === 'accept'
  const isReceive = readBytes(of) !== null
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
        ? `printf("${as}: %.*s\\n", (int)${variable}, ${bufferOf(script, of)});`
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

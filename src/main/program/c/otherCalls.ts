import { type ScriptedCall } from '../../../shared/model/experiment'
import { type OptionName } from '../../../shared/model/socketOptions'
import { type ActOfKind } from '../plan/plan'
import { levelOf } from '../python/options'
import { askAddress } from './callText'
import { cannotCompare } from './given'
import { quoted, type Script } from './script'

/** What C has a function for, or nothing to do for. */
export function otherwise(script: Script, act: ActOfKind<'call'>): void {
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
    case 'getsockname':
    case 'getpeername':
      return addressAsked(script, act, of.call, of.on)
    case 'makefile': {
      script.imports.add('unistd.h')
      const file = script.file(of.on)
      page.line(
        `${file} = fdopen(dup(${on}), "r");`,
        'fdopen(3): the socket as a file of stdio; dup(2), so that each of both can be closed.',
      )
      page.line(`if (${file} == NULL)`)
      return page.in(() => page.line(`${script.use('die')}("fdopen");`))
    }
    default:
      script.cannot(`${act.source}: C has no such call.`)
  }
}

/** Its own address or its peer's, into a variable of that name; what it is expected to be is compared as text. */
function addressAsked(
  script: Script,
  { names, expected, as }: ActOfKind<'call'>,
  asks: 'getsockname' | 'getpeername',
  of: string,
): void {
  const { page } = script
  const name = names[0] ?? as ?? `${of} ${asks === 'getsockname' ? 'name' : 'peer'}`
  const variable = script.named(`value ${name}`, name)
  const length = askAddress(script, asks, of, variable, script.onceOnly(`room ${variable}`))
  const text = (): string => `${script.use('address_text')}(&${variable}, ${length})`
  if (expected?.is === 'gives') {
    const wanted = addressInPython(expected.text)
    if (wanted === null) cannotCompare(script, expected.text)
    else {
      script.imports.add('string.h')
      page.line(`if (strcmp(${text()}, ${quoted(wanted)}) != 0)`, 'It must be this.')
      page.in(() => page.line(`${script.use('fail')}("${of}: ${asks} gave %s", ${text()});`))
    }
  }
  if (as !== null) page.line(`printf("${as}: %s\\n", ${text()});`, 'What it came to on this machine.')
}

/** `('127.0.0.1', 8060)` or `'/tmp/phone'` as the program tells an address; null for what has another form. */
function addressInPython(text: string): string | null {
  const tuple = /^\('([^'\\]*)', (\d+)(?:, 0, 0)?\)$/.exec(text)
  if (tuple !== null) return `${tuple[1]} ${tuple[2]}`
  return /^'([^'\\]*)'$/.exec(text)?.[1] ?? null
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

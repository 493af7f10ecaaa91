import { socketOptions } from '../../../shared/model/socketOptions'
import { type Ask } from '../../../shared/model/socketOptions/asks'
import { levelOf } from '../python/options'
import { type Script } from './script'

/** Headers besides <sys/socket.h>. */
const headers: Readonly<Record<string, string>> = {
  'tcp(7)': 'linux/tcp.h',
  'udp(7)': 'netinet/udp.h',
  'ip(7)': 'netinet/in.h',
  'ipv6(7)': 'netinet/in.h',
  'raw(7)': 'linux/icmp.h',
}

/** One `setsockopt`, with what it does. */
export function setOption(script: Script, variable: string, { name, value }: Ask, page = script.page): void {
  const { meaning, page: manual, form } = socketOptions[name]
  const about = `${name} of ${manual}: ${meaning}`
  const header = headers[manual]
  if (header !== undefined) script.imports.add(header)
  script.imports.add('netinet/in.h')
  const level = name === 'ICMP_FILTER' ? 'SOL_RAW' : levelOf(name)
  const isPlain =
    (typeof value === 'number' && value < 2 ** 31 && form !== 'timeval') || typeof value === 'boolean'
  if (isPlain) {
    page.line(
      `${script.use('set_option')}(${variable}, ${level}, ${name}, ${Number(value)}, "setsockopt ${name}");`,
      about,
    )
    return
  }
  const of = script.named(
    `option ${variable} ${name} ${script.notes.length} ${page.lines.length}`,
    name.toLowerCase(),
  )
  const check = (pointer: string, size: string): void => {
    page.line(`if (setsockopt(${variable}, ${level}, ${name}, ${pointer}, ${size}) == -1)`, about)
    page.in(() => page.line(`${script.use('die')}("setsockopt ${name}");`))
  }
  if (typeof value === 'string' && form !== 'ipv4') return check(`"${value}"`, String(value.length))
  if (typeof value === 'string') {
    script.imports.add('arpa/inet.h')
    page.line(
      `struct in_addr ${of} = {.s_addr = inet_addr("${value}")};`,
      'inet_addr(3): the address from its text.',
    )
  } else if (typeof value === 'object' && 'isOn' in value)
    page.line(`struct linger ${of} = {.l_onoff = ${value.isOn ? 1 : 0}, .l_linger = ${value.seconds}};`)
  else if (form === 'timeval') {
    script.imports.add('sys/time.h')
    const seconds = Number(value)
    page.line(
      `struct timeval ${of} = {.tv_sec = ${Math.trunc(seconds)}, .tv_usec = ${Math.round((seconds % 1) * 1e6)}};`,
    )
  } else page.line(`unsigned long long ${of} = ${Number(value)}ULL;`)
  check(`&${of}`, `sizeof ${of}`)
}

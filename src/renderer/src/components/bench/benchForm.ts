import {
  type BenchAct,
  type BenchCallName,
  type BenchFamily,
  type BenchFlag,
  type BenchOptionValue,
  type BenchProtocol,
  type BenchSide,
  type BenchType,
  plainCalls,
} from '@shared/model/bench'
import { fault, type Reply } from '@shared/model/fault'
import type { BenchSocketId } from '@shared/model/ids'
import { type OptionName, socketOptions } from '@shared/model/socketOptions'
import { parseOptionValue } from '@shared/model/socketOptions/optionText'
import { parseSocketAddress } from '@shared/wire/socketAddress'
import { payloadOf } from '../../composables/usePayload'

/** What stands in the fields of a call. Each call uses some of them. */
export interface BenchForm {
  call: BenchCallName
  socket: BenchSocketId | null
  family: BenchFamily
  type: BenchType
  protocol: BenchProtocol
  address: string
  backlog: number
  bufsize: number
  flags: BenchFlag[]
  text: string
  format: 'text' | 'hex'
  times: number
  how: BenchSide
  isBlocking: boolean
  /** Empty for None. */
  seconds: string
  option: string
  value: string
}

export function newForm(): BenchForm {
  return {
    call: 'socket',
    socket: null,
    family: 'AF_INET',
    type: 'SOCK_STREAM',
    protocol: '0',
    address: '127.0.0.1:8060',
    backlog: 5,
    bufsize: 1024,
    flags: [],
    text: '',
    format: 'text',
    times: 1,
    how: 'SHUT_WR',
    isBlocking: true,
    seconds: '1.5',
    option: 'SO_REUSEADDR',
    value: '1',
  }
}

/** The calls in the picker, in the order of a socket's life. */
export const callGroups: readonly (readonly [title: string, calls: readonly BenchCallName[]])[] = [
  ['Make and end', ['socket', 'close', 'shutdown']],
  ['Server', ['bind', 'listen', 'accept']],
  ['Client', ['connect', 'connect_ex']],
  ['Receive', ['recv', 'recvfrom', 'makefile', 'readline']],
  ['Send', ['send', 'sendall', 'sendto']],
  ['How it waits', ['setblocking', 'settimeout', 'gettimeout']],
  ['Ask and set', ['getsockname', 'getpeername', 'fileno', 'getsockopt', 'setsockopt']],
]

const receivingFlags: readonly BenchFlag[] = [
  'MSG_PEEK',
  'MSG_OOB',
  'MSG_DONTWAIT',
  'MSG_WAITALL',
  'MSG_TRUNC',
]
const sendingFlags: readonly BenchFlag[] = ['MSG_OOB', 'MSG_DONTWAIT', 'MSG_MORE']

/** The flags that a call takes. */
export function flagsOf(call: BenchCallName): readonly BenchFlag[] {
  if (call === 'recv' || call === 'recvfrom') return receivingFlags
  return takesBytes(call) ? sendingFlags : []
}
export function takesBytes(call: BenchCallName): boolean {
  return call === 'send' || call === 'sendall' || call === 'sendto'
}
export function takesAddress(call: BenchCallName): boolean {
  return call === 'bind' || call === 'connect' || call === 'connect_ex' || call === 'sendto'
}

/** The call that the fields come to, or what is wrong with them. @param family of the socket's addresses */
export function actOf(form: BenchForm, family: BenchFamily): Reply<BenchAct> {
  const { call, socket } = form
  if (call === 'socket') {
    return good({ call, family: form.family, type: form.type, protocol: form.protocol })
  }
  if (socket === null) {
    return bad('There is no socket to call this on.', 'Run socket() first, or choose a socket at the left.')
  }
  const flags = form.flags.filter((flag) => flagsOf(call).includes(flag))
  switch (call) {
    case 'bind':
    case 'connect':
    case 'connect_ex': {
      const address = parseSocketAddress(form.address, family)
      return address.ok ? good({ call, socket, address: address.value }) : address
    }
    case 'listen':
      return good({ call, socket, backlog: form.backlog })
    case 'recv':
    case 'recvfrom':
      return good({ call, socket, bufsize: form.bufsize, flags })
    case 'send':
    case 'sendall':
    case 'sendto': {
      const bytes = bytesOf(form)
      if (!bytes.ok) return bytes
      if (call !== 'sendto') return good({ call, socket, bytes: bytes.value, flags })
      const address = parseSocketAddress(form.address, family)
      return address.ok ? good({ call, socket, bytes: bytes.value, flags, address: address.value }) : address
    }
    case 'shutdown':
      return good({ call, socket, how: form.how })
    case 'setblocking':
      return good({ call, socket, flag: form.isBlocking })
    case 'settimeout': {
      const seconds = form.seconds.trim() === '' ? null : Number(form.seconds)
      if (seconds !== null && !(seconds >= 0)) {
        return bad(`"${form.seconds}" is no number of seconds.`, 'Leave it empty for None: no timeout.')
      }
      return good({ call, socket, seconds })
    }
    case 'getsockopt':
      return good({ call, socket, option: form.option })
    case 'setsockopt': {
      const value = optionArgument(form.option, form.value)
      return value.ok ? good({ call, socket, option: form.option, value: value.value }) : value
    }
    default:
      return good({ call: plainCalls.find((each) => each === call) ?? 'fileno', socket })
  }
}

export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(socketOptions, name)
}

/** As setsockopt takes it: a number, or the bytes of a structure. */
function optionArgument(option: string, text: string): Reply<BenchOptionValue> {
  if (!isOptionName(option)) return numberIn(text)
  const parsed = parseOptionValue(option, text)
  if (!parsed.ok) return parsed
  const { value } = parsed
  if (typeof value === 'boolean') return { ok: true, value: Number(value) }
  if (typeof value === 'string') {
    const { form } = socketOptions[option]
    if (form === 'ipv4') return { ok: true, value: Uint8Array.from(value.split('.').map(Number)) }
    return { ok: true, value: new TextEncoder().encode(`${value}\0`) }
  }
  if (typeof value === 'number') {
    if (socketOptions[option].form !== 'timeval') return { ok: true, value }
    const seconds = Math.floor(value)
    const micros = Math.round((value - seconds) * 1e6)
    return { ok: true, value: new Uint8Array(BigInt64Array.of(BigInt(seconds), BigInt(micros)).buffer) }
  }
  if (!('isOn' in value)) return bad(`${option} is only read.`, 'Use getsockopt.')
  return { ok: true, value: new Uint8Array(Int32Array.of(Number(value.isOn), value.seconds).buffer) }
}

function numberIn(text: string): Reply<number> {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value)) return { ok: true, value }
  return bad(`"${text}" is no whole number.`, 'Options that are not known here take a number.')
}

function bytesOf({ text, format, times }: BenchForm): Reply<Uint8Array> {
  const parsed = payloadOf(text, format, 'none')
  if (!parsed.ok || times === 1) return parsed
  const one = parsed.value
  const bytes = new Uint8Array(one.length * times)
  for (let at = 0; at < times; at++) bytes.set(one, at * one.length)
  return { ok: true, value: bytes }
}

function good(value: BenchAct): Reply<BenchAct> {
  return { ok: true, value }
}
function bad(summary: string, hint: string): Reply<never> {
  return { ok: false, fault: fault('SB_INPUT', summary, { hint }) }
}

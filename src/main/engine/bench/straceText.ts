import { type BenchFlag } from '../../../shared/model/bench'
import { numbers } from '../posix/numbers'
import { type Address, encodeAddress } from '../posix/sockaddr'

/** Arguments as strace(1) prints them. */

/** Bytes of a string that are shown: strace's own limit (-s). */
const MOST_BYTES = 32
/** What the kernel would fill in, and has not. */
export const UNFILLED = '0x…'

const named: Readonly<Record<number, string>> = {
  0x07: '\\a',
  0x08: '\\b',
  0x09: '\\t',
  0x0a: '\\n',
  0x0b: '\\v',
  0x0c: '\\f',
  0x0d: '\\r',
  0x22: '\\"',
  0x5c: '\\\\',
}

export function bytesText(bytes: Uint8Array): string {
  let text = ''
  const shown = bytes.subarray(0, MOST_BYTES)
  shown.forEach((byte, at) => {
    const next = shown[at + 1] ?? 0
    const isBeforeDigit = next >= 0x30 && next <= 0x39
    text +=
      named[byte] ??
      (byte >= 0x20 && byte < 0x7f
        ? String.fromCharCode(byte)
        : `\\${byte.toString(8).padStart(isBeforeDigit ? 3 : 1, '0')}`)
  })
  return `"${text}"${bytes.length > MOST_BYTES ? '...' : ''}`
}

export function addressText(address: Address): string {
  switch (address.family) {
    case 'AF_INET':
      return `{sa_family=AF_INET, sin_port=htons(${address.port}), sin_addr=inet_addr("${address.host}")}`
    case 'AF_INET6':
      return `{sa_family=AF_INET6, sin6_port=htons(${address.port}), sin6_flowinfo=htonl(${address.flow ?? 0}), inet_pton(AF_INET6, "${address.host}", &sin6_addr), sin6_scope_id=${scopeText(address.scope ?? 0)}}`
    case 'AF_UNIX': {
      if (address.path === '') return '{sa_family=AF_UNIX}'
      const isAbstract = address.path.startsWith('@')
      return `{sa_family=AF_UNIX, sun_path=${isAbstract ? `@"${address.path.slice(1)}"` : `"${address.path}"`}}`
    }
  }
}

/** strace gives the interface's name; its number says the same. */
function scopeText(scope: number): string {
  return String(scope)
}

export function lengthOf(address: Address): number {
  return encodeAddress(address).length
}

/** A length that the kernel changes: what was offered, and what it wrote. */
export function lengthText(offered: number, written: number): string {
  return offered === written ? `[${offered}]` : `[${offered} => ${written}]`
}

/** In the order of their values, as strace has them. */
export function flagsText(flags: readonly BenchFlag[]): string {
  const values = numbers?.sendAndReceive ?? {}
  const sorted = [...flags].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
  return sorted.length === 0 ? '0' : sorted.join('|')
}

export function eventsText(events: number): string {
  const poll = numbers?.poll
  if (poll === undefined) return String(events)
  const names = [
    [poll.in, 'POLLIN'],
    [poll.out, 'POLLOUT'],
    [poll.error, 'POLLERR'],
    [poll.hangUp, 'POLLHUP'],
  ] as const
  const set = names.flatMap(([bit, name]) => ((events & bit) === 0 ? [] : [name]))
  return set.length === 0 ? '0' : set.join('|')
}

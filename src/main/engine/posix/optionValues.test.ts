import { afterAll, describe, expect, test } from 'vitest'
import {
  type OptionName,
  optionsOf,
  type OptionValue,
  type SocketKind,
} from '../../../shared/model/socketOptions'
import { python } from '../testing/bench'
import { type Calls, calls } from './calls'
import { numbers } from './numbers'
import { readOption, writeOption } from './optionValues'

const posix = calls() as Calls
const { families, types } = numbers as NonNullable<typeof numbers>
const opened: number[] = []
const make = (family: keyof typeof families, type: keyof typeof types): number => {
  const fd = posix.socket(families[family], types[type], 0)
  opened.push(fd)
  return fd
}
afterAll(() => opened.forEach((fd) => posix.close(fd)))

describe.skipIf(process.platform !== 'linux' || calls() === null)('option values', () => {
  test.each<[SocketKind, 4 | 6 | null, keyof typeof families, keyof typeof types]>([
    ['tcp', 4, 'AF_INET', 'SOCK_STREAM'],
    ['tcp', 6, 'AF_INET6', 'SOCK_STREAM'],
    ['tcpListener', 4, 'AF_INET', 'SOCK_STREAM'],
    ['udp', 4, 'AF_INET', 'SOCK_DGRAM'],
    ['udp', 6, 'AF_INET6', 'SOCK_DGRAM'],
    ['unix', null, 'AF_UNIX', 'SOCK_STREAM'],
  ])(
    'of a fresh %s socket (IPv%s) can all be read, but for those that need a peer',
    (kind, ip, family, type) => {
      const fd = make(family, type)
      const refused = optionsOf(kind, ip).flatMap((name) => {
        const value = readOption(fd, name)
        return typeof value === 'object' && value !== null && 'errno' in value
          ? [`${name} ${value.errno}`]
          : []
      })
      expect(refused.filter((each) => !/^IP(V6)?_MTU ENOTCONN$/.test(each))).toEqual([])
    },
  )

  test('are those that Python reads after it has set the same', async () => {
    // Name, where it is, what is set, and how Python puts it.
    const set: [OptionName, OptionValue, string][] = [
      ['SO_REUSEADDR', true, '1,2,1'],
      ['SO_REUSEPORT', true, '1,15,1'],
      ['SO_KEEPALIVE', true, '1,9,1'],
      ['SO_RCVBUF', 10_000, '1,8,10000'],
      ['SO_SNDBUF', 3, '1,7,3'],
      ['SO_LINGER', { isOn: true, seconds: 7 }, '1,13,ii 1 7'],
      ['SO_RCVTIMEO', 1.5, '1,20,qq 1 500000'],
      ['SO_BINDTODEVICE', 'lo', '1,25,3s lo'],
      ['SO_TIMESTAMPNS', true, '1,35,1'],
      ['SO_MAX_PACING_RATE', 2 ** 40, '1,47,Q 1099511627776'],
      ['TCP_NODELAY', true, '6,1,1'],
      ['TCP_MAXSEG', 1000, '6,2,1000'],
      ['TCP_USER_TIMEOUT', 1234, '6,18,1234'],
      ['TCP_KEEPIDLE', 11, '6,4,11'],
      ['TCP_KEEPINTVL', 12, '6,5,12'],
      ['TCP_KEEPCNT', 3, '6,6,3'],
      ['TCP_CONGESTION', 'reno', '6,13,4s reno'],
      ['IP_TTL', 9, '0,2,9'],
      ['IP_TOS', 0x10, '0,1,16'],
    ]
    const fd = make('AF_INET', 'SOCK_STREAM')
    await using peer = python(
      `import struct
s = socket.socket()
for each in sys.argv[1:]:
  level, name, value = each.split(",")
  if " " in value:
    form, *parts = value.split(" ")
    packed = struct.pack(form, *[p.encode() if "s" in form else int(p) for p in parts])
  else: packed = struct.pack("i", int(value))
  s.setsockopt(int(level), int(name), packed)
  sys.stdout.write(s.getsockopt(int(level), int(name), max(4, len(packed), 16 if "s" in value else 0)).rstrip(b"\\0").hex() + "\\n")
say("done.")`,
      ...set.map(([, , put]) => put),
    )
    const python3 = (await peer.printed('done.')).split('\n').slice(0, set.length)
    const ours = set.map(([name, value]) => {
      expect(writeOption(fd, name, value), name).toBeNull()
      return readOption(fd, name)
    })
    const bytes = set.map(([name, , put]) => {
      const [level = '', option = ''] = put.split(',')
      const into = new Uint8Array(16)
      const length = posix.getsockopt(fd, Number(level), Number(option), into)
      return [
        name,
        Buffer.from(into.subarray(0, length))
          .toString('hex')
          .replace(/(00)+$/, ''),
      ]
    })
    expect(bytes).toEqual(set.map(([name], n) => [name, python3[n]]))
    expect(Object.fromEntries(set.map(([name], n) => [name, ours[n]]))).toMatchObject({
      SO_REUSEADDR: true,
      SO_RCVBUF: 20_000,
      SO_LINGER: { isOn: true, seconds: 7 },
      SO_RCVTIMEO: 1.5,
      SO_BINDTODEVICE: 'lo',
      SO_MAX_PACING_RATE: 2 ** 40,
      TCP_CONGESTION: 'reno',
      IP_TTL: 9,
    })
  })

  test('that a kernel does not take are refused with the errno, and nothing is thrown', () => {
    const fd = make('AF_INET', 'SOCK_STREAM')
    expect(writeOption(fd, 'TCP_MAXSEG', 5)).toBe('EINVAL')
    expect(writeOption(fd, 'SO_BINDTODEVICE', 'no-such-device')).toBe('ENODEV')
    expect(readOption(fd, 'IP_MTU')).toEqual({ errno: 'ENOTCONN' })
    expect(writeOption(9999, 'TCP_NODELAY', true)).toBe('EBADF')
  })

  test('of multicast and of credentials have forms of their own', () => {
    const udp = make('AF_INET', 'SOCK_DGRAM')
    expect(writeOption(udp, 'IP_MULTICAST_IF', '127.0.0.1')).toBeNull()
    expect(readOption(udp, 'IP_MULTICAST_IF')).toBe('127.0.0.1')
    expect(readOption(make('AF_UNIX', 'SOCK_STREAM'), 'SO_PEERCRED')).toMatchObject({ pid: 0 })
  })
})

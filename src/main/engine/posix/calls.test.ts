import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { calls, errnoName, PollSet, type Calls } from './calls'
import { numbers } from './numbers'

const posix = calls() as Calls
const { families, types, poll, sendAndReceive, shutdown } = numbers as NonNullable<typeof numbers>
const loopback = { family: 'AF_INET', host: '127.0.0.1', port: 0 } as const
const openDescriptors = (): number => readdirSync('/proc/self/fd').length

function listening(backlog = 5): { fd: number; port: number } {
  const fd = posix.socket(families.AF_INET, types.SOCK_STREAM, 0)
  expect(posix.bind(fd, loopback)).toBe(0)
  expect(posix.listen(fd, backlog)).toBe(0)
  const { address } = posix.getsockname(fd)
  return { fd, port: address?.family === 'AF_INET' ? address.port : 0 }
}

describe.skipIf(calls() === null)('the calls', () => {
  test('are those of a phone call, with what each returns', () => {
    const server = listening()
    const client = posix.socket(families.AF_INET, types.SOCK_STREAM, 0)
    expect(posix.connect(client, { ...loopback, port: server.port })).toBe(0)
    const { returned: accepted, address } = posix.accept(server.fd, false)
    expect(accepted).toBeGreaterThan(2)
    expect(address).toEqual(posix.getsockname(client).address)
    expect(posix.send(client, Buffer.from('hello'), 0)).toBe(5)
    const into = new Uint8Array(16)
    // A view into larger memory is filled where it begins.
    expect(posix.recv(accepted, into.subarray(4), 0)).toBe(5)
    expect(Buffer.from(into).toString('latin1')).toBe(`${'\0'.repeat(4)}hello${'\0'.repeat(7)}`)
    expect(posix.shutdown(client, shutdown.SHUT_WR)).toBe(0)
    expect(posix.recv(accepted, into, 0)).toBe(0)
    expect([accepted, client, server.fd].map((fd) => posix.close(fd))).toEqual([0, 0, 0])
  })

  test('answer with errnos as the kernel has them, and retry nothing', () => {
    const { fd, port } = listening()
    const other = posix.socket(families.AF_INET, types.SOCK_STREAM, 0)
    expect(errnoName(posix.bind(other, { ...loopback, port }))).toBe('EADDRINUSE')
    expect(errnoName(posix.recv(other, new Uint8Array(1), 0))).toBe('ENOTCONN')
    expect(posix.setNonBlocking(fd, true)).toBe(0)
    expect(posix.isNonBlocking(fd)).toBe(true)
    expect(errnoName(posix.accept(fd, false).returned)).toBe('EAGAIN')
    expect([posix.close(fd), posix.close(other)]).toEqual([0, 0])
    expect(errnoName(posix.connect(fd, { ...loopback, port }))).toBe('EBADF')
  })

  test('of datagrams keep their edges and tell who sent them', () => {
    const [a, b] = [0, 1].map(() => posix.socket(families.AF_UNIX, types.SOCK_DGRAM, 0)) as [number, number]
    const names = ['@switchboard-a', '@switchboard-b'].map((each) => `${each}-${process.pid}`)
    const [first, second] = names.map((path) => ({ family: 'AF_UNIX', path }) as const)
    expect([posix.bind(a, first!), posix.bind(b, second!)]).toEqual([0, 0])
    expect(posix.sendto(a, Buffer.from('0123456789'), 0, second!)).toBe(10)
    expect(posix.sendto(a, new Uint8Array(0), 0, second!)).toBe(0)
    const into = new Uint8Array(4)
    expect(posix.recvfrom(b, into, sendAndReceive.MSG_TRUNC ?? 0)).toEqual({ returned: 10, address: first })
    expect(posix.recvfrom(b, into, 0)).toEqual({ returned: 0, address: first })
    expect([posix.close(a), posix.close(b)]).toEqual([0, 0])
  })

  test('wait for what is ready', () => {
    const ends = new Int32Array(2)
    expect(posix.pipe(ends)).toBe(0)
    const [reading = -1, writing = -1] = ends
    const set = new PollSet(2)
    set.watch(0, reading, poll.in)
    set.watch(1, writing, poll.out)
    expect(posix.poll(set, 0)).toBe(1)
    expect([set.told(0), set.told(1)]).toEqual([0, poll.out])
    expect(posix.write(writing, Uint8Array.of(7))).toBe(1)
    expect(posix.poll(set, -1)).toBe(2)
    const into = new Uint8Array(2)
    expect([posix.read(reading, into), into[0]]).toEqual([1, 7])
    expect([posix.close(reading), posix.close(writing)]).toEqual([0, 0])
  })

  test('set options of any kind and read them back', () => {
    const fd = posix.socket(families.AF_INET, types.SOCK_STREAM, 0)
    const value = new Int32Array(1)
    const bytes = new Uint8Array(value.buffer)
    expect(posix.getsockopt(fd, 1, 2, bytes)).toBe(4) // SOL_SOCKET, SO_REUSEADDR
    expect(value[0]).toBe(0)
    value[0] = 1
    expect(posix.setsockopt(fd, 1, 2, bytes)).toBe(0)
    value[0] = 0
    expect([posix.getsockopt(fd, 1, 2, bytes), value[0]]).toEqual([4, 1])
    posix.close(fd)
  })

  test('leave no descriptor behind over ten thousand sockets', () => {
    const before = openDescriptors()
    for (let n = 0; n < 10_000; n++) {
      expect(posix.close(posix.socket(families.AF_INET, types.SOCK_STREAM, 0))).toBe(0)
    }
    expect(openDescriptors()).toBe(before)
  })
})

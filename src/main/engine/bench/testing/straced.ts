import { type BenchAct, type BenchCall, straceLine } from '../../../../shared/model/bench'
import { connected, desk, listening, loopback, utf8 } from './desk'

/** A program to be run under strace: makes calls of every kind on a bench, and prints what the bench says of them. @param caller the built thread */
async function run(caller: string): Promise<void> {
  const made: BenchCall[] = []
  {
    await using at = desk(caller)
    const { client, line } = await connected(at)
    const server = 'S1'
    const send = (text: string): BenchAct => ({ call: 'send', socket: client, bytes: utf8(text), flags: [] })
    const recv = (bufsize: number): BenchAct => ({ call: 'recv', socket: line, bufsize, flags: [] })
    await at.call(send('hello\n\0\x011 "quoted"'))
    await at.call({ call: 'recv', socket: line, bufsize: 4, flags: ['MSG_PEEK', 'MSG_DONTWAIT'] })
    await at.call(recv(4))
    await at.call(recv(1024))
    await at.call({ call: 'recv', socket: line, bufsize: 16, flags: ['MSG_DONTWAIT'] })
    // Nothing on the wire, and yet a system call.
    await at.call(send(''))
    await at.call({
      call: 'sendall',
      socket: client,
      bytes: new Uint8Array(100).fill(0x61),
      flags: ['MSG_MORE'],
    })
    await at.call({ call: 'settimeout', socket: line, seconds: 0.05 })
    await at.call(recv(200))
    await at.call(recv(200))
    await at.call({ call: 'setblocking', socket: line, flag: true })
    await at.call({ call: 'send', socket: client, bytes: utf8('!'), flags: ['MSG_OOB'] })
    await at.call({ call: 'recv', socket: line, bufsize: 1, flags: ['MSG_OOB'] })
    await at.call({ call: 'setsockopt', socket: client, option: 'TCP_NODELAY', value: 1 })
    await at.call({ call: 'getsockopt', socket: client, option: 'TCP_NODELAY' })
    await at.call({ call: 'getsockopt', socket: client, option: 'SO_LINGER' })
    await at.call({ call: 'getpeername', socket: client })
    await at.call({ call: 'makefile', socket: line })
    await at.call(send('one\ntwo\n'))
    await at.call({ call: 'readline', socket: line })
    await at.call({ call: 'readline', socket: line })
    const accepting = at.begin({ call: 'accept', socket: server })
    await at.blocked(accepting)
    at.cancel(accepting)
    await at.done(accepting)
    await at.call({ call: 'shutdown', socket: client, how: 'SHUT_WR' })
    await at.call(recv(10))
    await at.call(send('too late'))
    await at.call({ call: 'connect', socket: client, address: loopback(1) })
    await at.call({ call: 'bind', socket: line, address: loopback() })
    const nobody = await at.socket()
    await at.call({ call: 'connect_ex', socket: nobody, address: loopback(1) })
    const six = await at.socket('AF_INET6', 'SOCK_DGRAM')
    await at.call({ call: 'bind', socket: six, address: { family: 'AF_INET6', host: '::1', port: 0 } })
    await at.call({ call: 'getsockname', socket: six })
    const [one, other] = [await at.socket('AF_UNIX', 'SOCK_DGRAM'), await at.socket('AF_UNIX', 'SOCK_DGRAM')]
    const path = `@switchboard-straced-${process.pid}`
    await at.call({ call: 'bind', socket: one, address: { family: 'AF_UNIX', path } })
    await at.call({
      call: 'sendto',
      socket: other,
      bytes: utf8('datagram'),
      flags: [],
      address: { family: 'AF_UNIX', path },
    })
    await at.call({ call: 'recvfrom', socket: one, bufsize: 3, flags: ['MSG_TRUNC'] })
    await at.call({ call: 'getsockname', socket: other })
    for (const socket of [client, line, six] as const) await at.call({ call: 'close', socket })
    const log = at.setting.engine.benches.log(at.id, 1)
    if (!log.ok) throw new Error(log.fault.summary)
    for (const each of log.value.entries) if (each.state === 'done') made.push(each.of)
  }
  process.stdout.write(JSON.stringify(made.flatMap(({ system }) => system.map(straceLine))))
}

/** Ends the program while a call blocks. */
async function exit(caller: string): Promise<void> {
  const at = desk(caller)
  const { server } = await listening(at)
  await at.blocked(at.begin({ call: 'accept', socket: server }))
  process.exit(7)
}

const [, , caller = '', what] = process.argv
await (what === 'exit' ? exit(caller) : run(caller))

import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { commandLine } from './testing/commandLine'

const cli = commandLine()

test('the phone call is played, checked and recorded', async () => {
  await using demo = cli.start('demo', '--port', '0')
  expect(await demo.exit()).toBe(0)
  expect(demo.lines[0]).toMatch(/^server +listening on tcp:\/\/127\.0\.0\.1:\d+/)
  expect(demo.stdout).toMatch(/alice +heard "HELLO, IS ANYBODY THERE\?\\n"/)
  expect(demo.stdout).toMatch(/bob +heard "ME TOO: GR\u00dcSSE!\\n"/)
  expect(demo.stdout).toMatch(/bob +hung up: closed \(fin\)/)
  expect(demo.stdout).toMatch(/server +switched off: closed/)
  expect(demo.lines.at(-2)).toMatch(/^replay +played again, both sides: 4 of 4 connection ends equal$/)
  expect(demo.lines.at(-1)).toBe('All was as expected.')
  const [, file] = await demo.prints(/recording +(\S+\.swb): 4 connection ends, 114 bytes sent, 114 received/)
  await using told = cli.start('info', String(file))
  expect(await told.exit()).toBe(0)
  expect(told.stdout).toMatch(/1 listener, 4 connections, 0 UDP sockets/)
})

test('--json prints the transcript as one object; --record says where to', async () => {
  const file = cli.recording('call.swb')
  await using demo = cli.start('demo', '--port', '0', '--json', '--record', file)
  expect(await demo.exit()).toBe(0)
  const told = JSON.parse(demo.stdout) as {
    isDone: boolean
    recording: string
    lines: { isAsExpected: boolean }[]
  }
  expect(told).toMatchObject({ isDone: true, recording: file })
  expect(told.lines.every(({ isAsExpected }) => isAsExpected)).toBe(true)
  expect(existsSync(file)).toBe(true)
})

test('a port in use ends it with 2, and nothing is left behind', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const before = cli.temporaryRecordings()
  await using demo = cli.start('demo', '--port', String((server.address() as AddressInfo).port))
  expect(await demo.exit()).toBe(2)
  expect(demo.stderr).toMatch(/^switchboard: listen EADDRINUSE: [^\n]+\n$/)
  expect(cli.temporaryRecordings()).toEqual(before)
  server.close()
})

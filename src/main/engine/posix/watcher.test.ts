import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle, type Bundle } from '../testing/bundle'
import { calls, type Calls } from './calls'
import { numbers } from './numbers'
import { Watcher } from './watcher'

const posix = calls() as Calls
const { families, types } = numbers as NonNullable<typeof numbers>
const openDescriptors = (): number => readdirSync('/proc/self/fd').length

let program: Bundle
beforeAll(async () => {
  program = await bundle('src/main/engine/posix/watcherThread.ts')
})
afterAll(() => program[Symbol.asyncDispose]())

describe.skipIf(calls() === null)('what is watched', () => {
  test('is told once each time, when a caller has come', async () => {
    const watcher = new Watcher(program.file)
    const server = posix.socket(families.AF_INET, types.SOCK_STREAM, 0)
    posix.bind(server, { family: 'AF_INET', host: '127.0.0.1', port: 0 })
    posix.listen(server, 1)
    const { address } = posix.getsockname(server)
    let told = 0
    let heard = (): void => undefined
    const ready = (): Promise<void> => new Promise((resolve) => (heard = resolve))
    const watch = watcher.watch(server, 'in', () => {
      told++
      heard()
    })
    const clients: number[] = []
    for (const _ of [1, 2]) {
      const waiting = ready()
      const client = posix.socket(families.AF_INET, types.SOCK_STREAM, 0)
      clients.push(client)
      expect(posix.connect(client, address!)).toBe(0)
      await waiting
      clients.push(posix.accept(server, false).returned)
      watch.again()
    }
    expect(told).toBe(2)
    await watch.stop()
    expect(posix.close(server)).toBe(0)
    // Nobody holds it any more: its address is free.
    const next = posix.socket(families.AF_INET, types.SOCK_STREAM, 0)
    for (const fd of [...clients, next]) posix.close(fd)
    await watcher.close()
  })

  test('leaves no thread and no descriptor behind, and ends with its owner', async () => {
    const before = openDescriptors()
    for (let n = 0; n < 3; n++) {
      const watcher = new Watcher(program.file)
      const [fd] = [posix.socket(families.AF_UNIX, types.SOCK_DGRAM, 0)]
      const watch = watcher.watch(fd, 'out', () => undefined)
      await Promise.all([watch.stop(), watch.stop()])
      posix.close(fd)
      await watcher.close()
    }
    expect(openDescriptors()).toBe(before)
  })

  test('needs the thread', () => {
    expect(() => new Watcher(undefined).watch(0, 'in', () => undefined)).toThrow(
      'cannot call the socket functions',
    )
  })
})

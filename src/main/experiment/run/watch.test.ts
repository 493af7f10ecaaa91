import { expect, test } from 'vitest'
import { Watch } from './watch'

const never = new AbortController().signal

test('a deadline is never told before it has come', async () => {
  const watch = new Watch()
  const early = Array.from({ length: 200 }, async (_, index) => {
    const deadlineMs = performance.now() + 1 + index * 0.37
    const isChanged = await watch.changed(watch.version, deadlineMs, never)
    return isChanged || performance.now() < deadlineMs
  })
  expect((await Promise.all(early)).filter(Boolean)).toEqual([])
})

test('what has changed since one looked is told at once, and what changes later when it does', async () => {
  const watch = new Watch()
  const before = watch.version
  watch.notify()
  expect(await watch.changed(before, performance.now() + 60_000, never)).toBe(true)
  const later = watch.changed(watch.version, performance.now() + 60_000, never)
  watch.notify()
  expect(await later).toBe(true)
})

test('who gives up is told so', async () => {
  const watch = new Watch()
  const asked = new AbortController()
  const waiting = watch.changed(watch.version, performance.now() + 60_000, asked.signal)
  asked.abort()
  expect(await waiting).toBe(false)
  expect(await watch.changed(watch.version - 1, performance.now() + 60_000, asked.signal)).toBe(false)
})

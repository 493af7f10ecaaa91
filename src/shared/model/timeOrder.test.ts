import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TimeOrder } from './timeOrder'

test('merges any sequences that are in order into one that is', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(50), { minLength: 1 })), (lists) => {
      const order = new TimeOrder<{ atNanos: number; rest: number[] }>()
      for (const list of lists) {
        const [first = 0, ...rest] = list.toSorted((a, b) => a - b)
        order.add({ atNanos: first, rest })
      }
      const merged: number[] = []
      for (let top = order.earliest; top !== undefined; top = order.earliest) {
        merged.push(top.atNanos)
        const next = top.rest.shift()
        if (next === undefined) order.removeEarliest()
        else {
          top.atNanos = next
          order.earliestMoved()
        }
      }
      expect(merged).toEqual(lists.flat().toSorted((a, b) => a - b))
    }),
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { permutation } from './pieces'

const text = (words: readonly string[]): Uint8Array[] => words.map((word) => Buffer.from(word))

test('what came in another order is found, and nothing that is not that', () => {
  const order = (words: string[], came: string) => permutation(text(words), Buffer.from(came))
  expect(order(['one', 'two'], 'twoone')).toEqual([1, 0])
  expect(order(['one', 'two', 'three'], 'twoonethree')).toEqual([1, 0])
  expect(order(['one', 'two', 'three'], 'onethreetwo')).toEqual([0, 2, 1])
  expect(order(['one', 'two'], 'onetwo')).toBeNull()
  expect(order(['one', 'two'], 'twotwo')).toBeNull()
  expect(order(['one', 'two'], 'two')).toBeNull()
  expect(order(['one', '', 'two'], 'twoone')).toEqual([2, 0])
  expect(order([], 'x')).toBeNull()
})

test('whatever order different pieces of one length come in, it is the one that is told', () => {
  const shuffled = fc
    .integer({ min: 2, max: 20 })
    .chain((count) => fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }))
  fc.assert(
    fc.property(shuffled, (order) => {
      const pieces = order.map((_, n) => Buffer.from([n, n + 100]))
      const found = permutation(pieces, Buffer.concat(order.map((n) => pieces[n] as Buffer)))
      if (order.every((n, at) => n === at)) expect(found).toBeNull()
      else expect(order.slice(0, found?.length)).toEqual(found)
    }),
  )
})

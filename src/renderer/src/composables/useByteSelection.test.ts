import { expect, test } from 'vitest'
import { shallowRef } from 'vue'
import { useByteSelection } from './useByteSelection'

test('a selection begins at one byte and reaches to another, in either direction', () => {
  const selection = useByteSelection(shallowRef(100))
  expect(selection.range.value).toBeNull()
  selection.select(10, false)
  expect(selection.range.value).toEqual({ from: 10, to: 11 })
  selection.select(20, true)
  expect(selection.range.value).toEqual({ from: 10, to: 21 })
  selection.select(3, true)
  expect(selection.range.value).toEqual({ from: 3, to: 11 })
  expect(selection.focus.value).toBe(3)
  selection.clear()
  expect(selection.range.value).toBeNull()
})

test('it stays within the bytes that there are', () => {
  const total = shallowRef(8)
  const selection = useByteSelection(total)
  selection.select(-5, false)
  selection.select(500, true)
  expect(selection.range.value).toEqual({ from: 0, to: 8 })
  total.value = 4
  expect(selection.range.value).toEqual({ from: 0, to: 4 })
  total.value = 0
  expect(selection.range.value).toBeNull()
  expect(selection.focus.value).toBeNull()
})

import { expect, test } from 'vitest'
import { useDraft } from './useDraft'

test('news shows in a field that nobody has written in', () => {
  const { draft, news, isTold } = useDraft('none')
  news('echo')
  expect([draft.value, isTold()]).toEqual(['echo', true])
})

test('news of what was asked for before does not take away what is being written already', () => {
  const { draft, news, gave, isTold, undo } = useDraft('none')
  draft.value = 'upper'
  gave('upper')
  draft.value = 'impair:'
  news('upper')
  expect([draft.value, isTold()]).toEqual(['impair:', false])
  undo()
  expect([draft.value, isTold()]).toEqual(['upper', true])
})

test('who tells has the last word: of what was asked for it may make something else', () => {
  const { draft, news, gave } = useDraft('212992')
  draft.value = '5000'
  gave('5000')
  news('10000')
  expect(draft.value).toBe('10000')
  draft.value = '7'
  gave('7')
  news('10000')
  expect(draft.value).toBe('10000')
})

test('asked for again before the news of it has come', () => {
  const { draft, gave, isTold } = useDraft('none')
  draft.value = 'upper'
  gave('upper')
  draft.value = 'none'
  expect(isTold()).toBe(false)
})

import { expect, test } from 'vitest'
import { isOnScreen, parseBounds } from './bounds'

const screen = { x: 0, y: 0, width: 1920, height: 1080 }

test('bounds are remembered as they were', () => {
  const bounds = { x: -8, y: 20, width: 1000, height: 700, isMaximized: true }
  expect(parseBounds(JSON.stringify(bounds))).toEqual(bounds)
})

test.each([
  'null',
  '{',
  '{"x":0}',
  '{"x":0,"y":0,"width":1e99,"height":1,"isMaximized":false}',
  '{"x":0,"y":0,"width":0,"height":5,"isMaximized":false}',
  '{"x":0.5,"y":0,"width":9,"height":5,"isMaximized":false}',
])('bounds that make no sense are none: %s', (json) => {
  expect(parseBounds(json)).toBeNull()
})

test('a window that lay on a screen which is gone opens in its usual place instead', () => {
  expect(isOnScreen({ x: 2000, y: 100, width: 800, height: 600 }, [screen])).toBe(false)
  expect(isOnScreen({ x: 2000, y: 100, width: 800, height: 600 }, [screen, { ...screen, x: 1920 }])).toBe(
    true,
  )
})

test('a window of which only a corner shows, or whose title bar is above the screen, is not on it', () => {
  expect(isOnScreen({ x: 1900, y: 100, width: 800, height: 600 }, [screen])).toBe(false)
  expect(isOnScreen({ x: 100, y: -300, width: 800, height: 600 }, [screen])).toBe(false)
  expect(isOnScreen({ x: 1700, y: 100, width: 800, height: 600 }, [screen])).toBe(true)
})

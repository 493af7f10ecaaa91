import { expect, test } from 'vitest'
import { isOwnFrame, type Frame } from './sender'

const home = new URL('app://switchboard/')
const frame = (url: string, parent: unknown = null): Frame => ({ url, parent })

test('the top frame of our own page may speak', () => {
  expect(isOwnFrame(frame('app://switchboard/'), home)).toBe(true)
  expect(isOwnFrame(frame('app://switchboard/index.html#x'), home)).toBe(true)
})

test.each([
  '',
  'about:blank',
  'about:srcdoc',
  'data:text/html,x',
  'file:///tmp/index.html',
  'app://other/',
  'app://switchboard.evil/',
  'app://switchboard@evil/',
  'app:switchboard',
  'application://switchboard/',
  'https://switchboard/',
  'blob:app://switchboard/0b9a',
  'javascript:alert(1)',
])('a frame at %j may not', (url) => {
  expect(isOwnFrame(frame(url), home)).toBe(false)
})

test('a frame inside another may not, not even one of ours', () => {
  expect(isOwnFrame(frame('app://switchboard/', frame('app://switchboard/')), home)).toBe(false)
})

test('a frame that is gone may not', () => {
  expect(isOwnFrame(null, home)).toBe(false)
  const disposed = {
    get url(): string {
      throw new Error('Render frame was disposed before WebFrameMain could be accessed')
    },
    parent: null,
  }
  expect(isOwnFrame(disposed, home)).toBe(false)
})

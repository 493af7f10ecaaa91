import path from 'node:path'
import { expect, test } from 'vitest'
import { commandLineIn, filesIn, userWords } from './commandLine'

const words = (argv: readonly string[], appPath: string | null) =>
  userWords(argv, appPath, (word) => path.resolve(word))

test('a packaged program takes every word after its own name for the user’s', () => {
  expect(words(['/opt/switchboard', 'dial', 'tcp://127.0.0.1:1'], null)).toEqual([
    'dial',
    'tcp://127.0.0.1:1',
  ])
})

test('in a development run the words begin after the folder that Electron was started with', () => {
  const argv = ['electron', '--no-sandbox', '--inspect=0', '/src/switchboard/', 'info', 'a.swb']
  expect(words(argv, '/src/switchboard')).toEqual(['info', 'a.swb'])
})

test('a verb of the command line opens no window', () => {
  expect(commandLineIn(['listen', 'tcp://127.0.0.1:0', '--once'])).toEqual([
    'listen',
    'tcp://127.0.0.1:0',
    '--once',
  ])
  expect(commandLineIn(['demo'])).toEqual(['demo'])
})

test('what Chromium is told before or after the verb is not for the command line', () => {
  expect(commandLineIn(['--no-sandbox', 'info', 'a.swb'])).toEqual(['info', 'a.swb'])
  expect(commandLineIn(['info', 'a.swb', '--no-sandbox'])).toEqual(['info', 'a.swb'])
})

test('asking for help or the version by itself is for the command line', () => {
  expect(commandLineIn(['--help'])).toEqual(['--help'])
  expect(commandLineIn(['--no-sandbox', '-V'])).toEqual(['-V'])
})

test('a file, or nothing at all, asks for the window', () => {
  expect(commandLineIn([])).toBeNull()
  expect(commandLineIn(['--no-sandbox'])).toBeNull()
  expect(commandLineIn(['calls.swb'])).toBeNull()
  expect(commandLineIn(['./listen'])).toBeNull()
})

test('files are named by path, or as file managers do it: by URL', () => {
  expect(filesIn(['--no-sandbox', 'a b.swb', 'file:///tmp/a%20b%c3%a9.swb'])).toEqual([
    'a b.swb',
    '/tmp/a bé.swb',
  ])
  expect(filesIn(['file://elsewhere/a.swb', 'file:///a%2fb.swb'])).toEqual([
    'file://elsewhere/a.swb',
    'file:///a%2fb.swb',
  ])
})

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listPageFiles, pageFileFor, type PageFile } from './pageFiles'

const home = new URL('app://switchboard/')
let folder: string
let files: ReadonlyMap<string, PageFile>

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'page-'))
  await mkdir(path.join(folder, 'renderer', 'assets'), { recursive: true })
  await writeFile(path.join(folder, 'secret.html'), 'secret')
  for (const name of ['index.html', 'assets/index.js', 'assets/index.js.map', 'assets/index.css']) {
    await writeFile(path.join(folder, 'renderer', name), name)
  }
  files = listPageFiles(path.join(folder, 'renderer'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const found = (url: string) => pageFileFor(files, url, home)

test('the page and its parts are found, each with its own type', () => {
  expect(found('app://switchboard/')).toEqual({
    file: path.join(folder, 'renderer', 'index.html'),
    contentType: 'text/html; charset=utf-8',
  })
  expect(found('app://switchboard/index.html?x#y')?.contentType).toBe('text/html; charset=utf-8')
  expect(found('app://switchboard/assets/index.js')?.contentType).toBe('text/javascript; charset=utf-8')
  expect(found('app://switchboard/assets/index.css')?.contentType).toBe('text/css; charset=utf-8')
})

test.each([
  'app://switchboard/../secret.html',
  'app://switchboard/..%2fsecret.html',
  'app://switchboard/%2e%2e/secret.html',
  'app://switchboard/%2e%2e%2fsecret.html',
  'app://switchboard/..%5csecret.html',
  'app://switchboard/....//secret.html',
  'app://switchboard/assets/../../secret.html',
  'app://switchboard//secret.html',
  'app://switchboard//etc/passwd',
  'app://switchboard/etc/passwd',
  'app://switchboard/index.html%00.js',
  'app://switchboard/index.html/',
  'app://switchboard/assets',
  'app://switchboard/assets/',
  'app://switchboard/assets/index.js.map',
  'app://switchboard/__proto__',
  'app://switchboard/constructor',
  'app://other/index.html',
  'file:///etc/passwd',
  'no url',
])('%s is not found', (url) => {
  expect(found(url)).toBeNull()
})

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  benchFamilies,
  benchFlags,
  benchProtocols,
  benchSides,
  benchTypes,
  plainCalls,
  type BenchCallName,
} from '../model/bench'
import { tcpStateName } from '../model/kernel'
import { kernelFields } from '../model/kernelFields'
import { optionNames } from '../model/socketOptions'
import { askedWords } from '../model/socketOptions/asks'
import { lessonFolders } from './lessons'
import { find, firstSentence, pages, search, textOf } from './reference'
import { referenceKinds, type ReferencePage } from '../model/reference'

const MANUAL = '/usr/share/man'
const hasManual = existsSync(`${MANUAL}/man2/accept.2.gz`)

const root = path.resolve(import.meta.dirname, '../../..')
const sources = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(ts|vue)$/.test(file) && !/\.test\.ts$|testing\/|^shared\/reference\//.test(file))
  .map((file) => readFileSync(path.join(root, 'src', file), 'utf8'))
const inSources = (pattern: RegExp): string[] => [
  ...new Set(sources.flatMap((text) => text.match(pattern) ?? [])),
]

/** Words that have no page of this kind. */
function missing(words: readonly string[], ...kinds: readonly string[]): string[] {
  return words.filter((word) => {
    const kind = find(word)?.kind
    return kind === undefined || (kinds.length > 0 && !kinds.includes(kind))
  })
}

describe('every word of the app has its page', () => {
  const otherCalls: Record<Exclude<BenchCallName, (typeof plainCalls)[number]>, true> = {
    socket: true,
    bind: true,
    connect: true,
    connect_ex: true,
    listen: true,
    recv: true,
    recvfrom: true,
    send: true,
    sendall: true,
    sendto: true,
    shutdown: true,
    setblocking: true,
    settimeout: true,
    setsockopt: true,
    getsockopt: true,
  }

  test('calls, of the bench and of strace', () => {
    expect(
      missing([...plainCalls, ...Object.keys(otherCalls), 'accept4', 'dup3', 'poll', 'ioctl'], 'call'),
    ).toEqual([])
  })

  test('calls that faults name', () => {
    const [, acts = ''] = /const acts[^{]*\{([^}]*)\}/.exec(source('main/engine/fault.ts')) ?? []
    const names = [...acts.matchAll(/^\s*(\w+):/gm)].map(([, name]) => `${name}()`)
    expect(names.length).toBeGreaterThan(15)
    expect(missing(names, 'call')).toEqual([])
  })

  test('flags, families, types, protocols and sides', () => {
    const named = benchProtocols.filter((each) => each !== '0')
    expect(
      missing([...benchFlags, ...benchFamilies, ...benchTypes, ...named, ...benchSides], 'flag'),
    ).toEqual([])
  })

  test('options, by their names and by the words of commands and experiments', () => {
    expect(missing(optionNames, 'option')).toEqual([])
    expect(missing(Object.keys(askedWords), 'option', 'word')).toEqual([])
  })

  test('numbers of the kernel, by their names and their keys', () => {
    const names = Object.values(kernelFields).map(({ name }) => name)
    expect(missing(names, 'number', 'word')).toEqual([])
    expect(missing(Object.keys(kernelFields), 'number', 'word')).toEqual([])
    expect(find('tcpi_rtt')?.word).toBe('rtt')
  })

  test('states of the kernel and of the app', () => {
    const kernel = Array.from({ length: 12 }, (_, at) => tcpStateName(at + 1))
    const own = [
      ...['opening', 'listening', 'dialling', 'open', 'bound', 'made', 'closed', 'failed', 'blocked'],
      ...['half-closed by peer', 'half-closed by us', 'closed (fin)', 'closed (reset)', 'closed (timeout)'],
    ]
    expect(missing([...kernel, ...own, 'gone'], 'state')).toEqual([])
    expect(find('CLOSE')?.kind).toBe('state')
    expect(find('close')?.kind).toBe('call')
  })

  test('errnos: those of the hints, of Python’s exceptions, and all that the sources name', () => {
    const hinted = source('main/engine/hints.ts').match(/\bE[A-Z_]{3,}\b/g) ?? []
    expect(hinted.length).toBeGreaterThan(100)
    expect(missing(hinted, 'error')).toEqual([])
    // In quotes, or as the key of a table.
    const named = inSources(/(?<=['"`])E[A-Z]{3,}(?=['"`])|^\s+E[A-Z]{4,}(?=: ['"`])/gm).map((each) =>
      each.trim(),
    )
    const noErrnos = ['EOF']
    expect(missing(named.filter((each) => !noErrnos.includes(each)))).toEqual([])
  })

  test('codes of our own', () => {
    const codes = inSources(/\bSB_[A-Z]+\b/g)
    expect(codes.length).toBeGreaterThan(8)
    expect(missing(codes, 'error')).toEqual([])
  })
})

describe('every page', () => {
  test.each(pages.map((page) => [page.word, page] as const))('%s', (word, page) => {
    expect(find(word)).toBe(page)
    for (const also of page.also) expect([also, find(also)?.word]).toEqual([also, word])
    expect(page.does).toMatch(/^\S.*[.…)]$/)
    expect(textOf(page).length).toBeLessThanOrEqual(1000)
    const texts = [page.does, page.blocks, page.returns, page.then]
    for (const text of texts) expect(text?.length ?? 0).toBeLessThanOrEqual(320)
    expect(firstSentence(page).length).toBeLessThanOrEqual(190)
    expect(page.related.filter((each) => find(each) === null)).toEqual([])
    expect(page.related.filter((each) => find(each)?.word === word)).toEqual([])
    expect(page.fails.map(([code]) => code).filter((code) => find(code)?.kind !== 'error')).toEqual([])
    for (const man of page.man) expect(man).toMatch(/^[\w.-]+\([1-8]\)$/)
    for (const rfc of page.rfc) expect(rfc).toMatch(/^RFC [1-9]\d{2,3}(, \d+(\.\d+)*)?$/)
    expect(new Set(page.man).size).toBe(page.man.length)
    expect(new Set(page.rfc).size).toBe(page.rfc.length)
    for (const lesson of page.lessons) expect(lessonFolders).toContain(lesson)
    // Python's own, the app's own, and what only a word of ours stands for have no manual; other things are in a header.
    const hasNone =
      ['error', 'state', 'word'].includes(page.kind) ||
      ['gettimeout', 'fileno', 'makefile', 'readline'].includes(word)
    const headers = page.facts.filter(([what]) => what === 'declared in')
    if (!hasNone) expect(page.man.length + page.rfc.length + headers.length).toBeGreaterThan(0)
  })

  test('has its word for itself', () => {
    const words = pages.map(({ word }) => word)
    expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([])
    const others = pages.flatMap(({ also }) => also)
    expect(others.filter((word, at) => others.indexOf(word) !== at || words.includes(word))).toEqual([])
  })

  test('is of a kind, and each kind has pages', () => {
    expect([...new Set(pages.map(({ kind }) => kind))].toSorted()).toEqual([...referenceKinds].toSorted())
  })

  test('names a lesson that is there, and each lesson has pages', () => {
    const named = new Set(pages.flatMap(({ lessons }) => lessons))
    expect([...named].toSorted()).toEqual([...lessonFolders])
    expect(readdirSync(path.join(root, 'lessons')).sort()).toEqual(lessonFolders)
  })

  test('that a lesson leads to is there', () => {
    const folder = path.join(root, 'lessons')
    const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('lesson.md'),
    )
    const words = texts.flatMap((file) =>
      [...readFileSync(path.join(folder, file), 'utf8').matchAll(/\]\(<?ref:([^)>]+)>?\)/g)].map(
        ([, word = '']) => decodeURIComponent(word),
      ),
    )
    expect(missing(words)).toEqual([])
  })

  test('names lessons in which its word is: calls, options, flags, errors, numbers, states of TCP', () => {
    const folder = path.join(root, 'lessons')
    const texts = new Map(
      lessonFolders.map((lesson): [string, string] => [
        lesson,
        ['lesson.md', 'experiment.yaml']
          .map((file) => readFileSync(path.join(folder, lesson, file), 'utf8'))
          .join('\n'),
      ]),
    )
    const numbers = new Map(Array.from({ length: 12 }, (_, at) => [tcpStateName(at + 1), at + 1]))
    const isIn = ({ word, also }: ReferencePage, text: string): boolean =>
      // An experiment has the states of the kernel by their numbers.
      (numbers.has(word) && new RegExp(`state: ${numbers.get(word)}\\b`).test(text)) ||
      [word, ...also].some((each) =>
        new RegExp(`(?<![\\w-])${each.replace(/[().]/g, '\\$&')}(?![\\w-])`).test(text),
      )
    const elsewhere = pages
      .filter(({ kind, word }) => (kind === 'state' ? numbers.has(word) : kind !== 'word'))
      .flatMap((page) =>
        page.lessons
          .filter((lesson) => !isIn(page, texts.get(lesson) ?? ''))
          .map((lesson) => `${page.word}: ${lesson}`),
      )
    expect(elsewhere).toEqual([])
  })

  test('names a page of the manual that names the option', ({ skip }) => {
    if (!hasManual) return skip('the manual is not installed')
    // What SO_MEMINFO tells is in the manual, and the option is not.
    const options = pages.filter(({ kind, word }) => kind === 'option' && word !== 'SO_MEMINFO')
    const silent = options.filter(
      ({ word, man }) =>
        man.length > 0 &&
        // Newer manuals have a page for each.
        !existsSync(`${MANUAL}/man2/${word}.2const.gz`) &&
        !man.some((each) => manualText(each).includes(word)),
    )
    expect(silent.map(({ word }) => word)).toEqual([])
  })

  test('names pages of the manual that are there', ({ skip }) => {
    if (!hasManual) return skip('the manual is not installed')
    const there = new Set(
      readdirSync(MANUAL, { recursive: true, encoding: 'utf8' }).map((file) => path.basename(file)),
    )
    const named = new Set(pages.flatMap(({ man }) => man))
    // Of packages that not every machine has.
    const elsewhere = ['ss(8)', 'tc-fq(8)', 'setcap(8)', 'strace(1)']
    const unknown = [...named].filter((each) => {
      const [, name, section] = /^(.+)\((\d)\)$/.exec(each) ?? []
      return !there.has(`${name}.${section}.gz`) && !elsewhere.includes(each)
    })
    expect(unknown).toEqual([])
  })
})

describe('finding', () => {
  test.each([
    ['accept()', 'accept'],
    ['accept(2)', 'accept'],
    ['ACCEPT', 'accept'],
    ['phone.accept()', 'accept'],
    ['socket.recv', 'recv'],
    ['line, peer = phone.accept()', 'accept'],
    ['s.bind(("127.0.0.1", 0))', 'bind'],
    ['a.connect(phone.getsockname())', 'connect'],
    ['recv(1024)', 'recv'],
    ['open()', 'open(2)'],
    ['open', 'open'],
    ['so_reuseaddr', 'SO_REUSEADDR'],
    ['reuseAddress', 'SO_REUSEADDR'],
    ['EWOULDBLOCK', 'EAGAIN'],
    ['ESTAB', 'ESTABLISHED'],
    ['TIME-WAIT', 'TIME_WAIT'],
    ['  half-close ', 'half-close'],
    ['backlog', 'backlog'],
    ["kernel's view", 'kernel’s view'],
    ['shutdown(SHUT_WR)', 'shutdown'],
  ])('%s', (written, word) => {
    expect(find(written)?.word).toBe(word)
  })

  test.each(['', 'nonsense', '__proto__', 'constructor()', 'hasOwnProperty'])(
    'nothing for "%s"',
    (written) => {
      expect(find(written)).toBeNull()
    },
  )
})

describe('search', () => {
  const first = (sought: string): string | undefined => search(sought)[0]?.pages[0]?.word

  test('the word itself is first, then what begins so, then what holds it', () => {
    expect(first('accept')).toBe('accept')
    expect(first('econnref')).toBe('ECONNREFUSED')
    expect(first('reuseaddr')).toBe('SO_REUSEADDR')
    expect(first('nodelay')).toBe('TCP_NODELAY')
    expect(first('98')).toBe('EADDRINUSE')
    expect(first('time')).toBe('TIME_WAIT')
  })

  test('texts are found by all of their words', () => {
    const found = search('somaxconn limit').flatMap(({ pages: each }) => each.map(({ word }) => word))
    expect(found).toContain('backlog')
  })

  test('by kind, each kind once', () => {
    const kinds = search('time').map(({ kind }) => kind)
    expect(new Set(kinds).size).toBe(kinds.length)
    expect(kinds.length).toBeGreaterThan(3)
  })

  test('nothing for nothing', () => {
    expect(search('   ')).toEqual([])
    expect(search('zzzzz')).toEqual([])
  })
})

/** A page of the manual as it was written; nothing where its package is not installed. */
function manualText(page: string): string {
  const [, name = '', section = ''] = /^(.+)\((\d)\)$/.exec(page) ?? []
  const file = `${MANUAL}/man${section}/${name}.${section}.gz`
  return existsSync(file) ? gunzipSync(readFileSync(file)).toString('utf8').replaceAll('\\', '') : ''
}

function source(file: string): string {
  return readFileSync(path.join(root, 'src', file), 'utf8')
}

import { expect, test } from 'vitest'
import type { ProgramLanguage } from '@shared/model/program'
import { tokensOf } from './tokens'

const told = (language: ProgramLanguage, ...lines: string[]): string[] =>
  tokensOf(lines, language).map((tokens) =>
    tokens.map(({ kind, text }) => (kind === 'plain' ? text : `<${kind} ${text}>`)).join(''),
  )

test('words, texts, numbers and comments of each language are told apart', () => {
  expect(told('python', 'with x as y:  # why', 's.send(b"a # b\\"", 12)')).toEqual([
    '<word with> x <word as> y:  <comment # why>',
    's.send(b<text "a # b\\"">, <number 12>)',
  ])
  expect(told('node', "const a = 'x' // y", 'await b(`n ${1}`)')).toEqual([
    "<word const> a = <text 'x'> <comment // y>",
    '<word await> b(<text `n ${1}`>)',
  ])
  expect(told('c', 'int fd = 3; /* a */ x', "char c = '\\'';")).toEqual([
    '<word int> fd = <number 3>; <comment /* a */> x',
    "<word char> c = <text '\\''>;",
  ])
})

test('what goes on over several lines is one thing', () => {
  expect(told('python', '"""One', 'if two', 'three""" if')).toEqual([
    '<comment """One>',
    '<comment if two>',
    '<comment three"""> <word if>',
  ])
  expect(told('c', 'a /* b', ' * "c', ' */ if')).toEqual([
    'a <comment /* b>',
    '<comment  * "c>',
    '<comment  */> <word if>',
  ])
})

test('every character of a line is in its tokens', () => {
  for (const language of ['python', 'node', 'c'] as const)
    for (const line of ['a"b', "it's", '`', '/*', '"""', '\\', '\u00e9 "\u00e9', '\t#x//y'])
      expect(
        tokensOf([line], language)[0]
          ?.map(({ text }) => text)
          .join(''),
      ).toBe(line)
})

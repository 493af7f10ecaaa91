import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Experiment, type ExperimentStep } from '../../shared/model/experiment'
import { type LessonBlock } from '../../shared/model/lesson'
import { Findings } from './findings'
import { readText } from './lessonText'

const place = { line: 1, withinMs: 5000 }
const at = (name: string) => ({ name, caller: null })
const part = (name: string): ExperimentStep => ({ ...place, act: 'part', name })

/** Two parts: `buy` opens the server, `call` opens alice and keeps what a step came to. */
const phone: Experiment = {
  name: 'Phone',
  about: '',
  endpoints: [
    { kind: 'listener', name: 'server', address: 'tcp://127.0.0.1:0', behaviour: 'upper', options: {} },
    { kind: 'dialled', name: 'alice', address: 'tcp://127.0.0.1:{server.port}', options: {} },
  ],
  steps: [
    part('buy'),
    { ...place, act: 'open', at: at('server'), mayFail: false },
    part('call'),
    { ...place, act: 'open', at: at('alice'), mayFail: false, as: 'dialled', took: 'ringing' },
  ],
}

const parts = '```do buy\n```\n\n```do call\n```\n'

function read(text: string, experiment = phone): { blocks: readonly LessonBlock[]; problems: string[] } {
  const findings = new Findings('lesson.md')
  const { blocks } = readText(
    text,
    1,
    experiment,
    ({ name, isNot }) => (name === 'linux') !== isNot,
    findings,
  )
  return { blocks, problems: findings.list().map(({ line, message }) => `${line}: ${message}`) }
}

/** The blocks of a text in which nothing is wrong. */
function good(text: string): readonly LessonBlock[] {
  const { blocks, problems } = read(text)
  expect(problems).toEqual([])
  return blocks
}

const says = (text: string) => [{ is: 'text', text }]

test('Markdown comes to blocks', () => {
  const blocks = good(`# Head

A **strong _word_**, and
a [link](https://example.com).

- one
- two
  1. three

3. c
4. d

| a | b |
| - | - |
| 1 | 2 |

> said

---

![a phone](phone.svg)

\`\`\`c
int x = {0};
\`\`\`

${parts}`)
  expect(blocks).toEqual([
    { is: 'heading', level: 1, text: says('Head') },
    {
      is: 'paragraph',
      text: [
        ...says('A '),
        { is: 'strong', of: [...says('strong '), { is: 'emphasis', of: says('word') }] },
        ...says(', and\na '),
        { is: 'link', to: { is: 'address', url: 'https://example.com' }, of: says('link') },
        ...says('.'),
      ],
    },
    {
      is: 'list',
      isOrdered: false,
      items: [
        [{ is: 'paragraph', text: says('one') }],
        [
          { is: 'paragraph', text: says('two') },
          { is: 'list', isOrdered: true, items: [[{ is: 'paragraph', text: says('three') }]] },
        ],
      ],
    },
    {
      is: 'list',
      isOrdered: true,
      start: 3,
      items: [[{ is: 'paragraph', text: says('c') }], [{ is: 'paragraph', text: says('d') }]],
    },
    { is: 'table', head: [says('a'), says('b')], rows: [[says('1'), says('2')]] },
    { is: 'quote', blocks: [{ is: 'paragraph', text: says('said') }] },
    { is: 'rule' },
    { is: 'picture', image: 'phone.svg', alt: 'a phone' },
    { is: 'code', language: 'c', text: 'int x = {0};' },
    { is: 'do', part: 'buy', from: 0, to: 2 },
    { is: 'do', part: 'call', from: 2, to: 4 },
  ])
})

test('HTML is text, and comments are nothing', () => {
  const blocks = good(
    `a <b>b</b> &lt;\n\n<div onclick="x()">\n\n<!-- hidden -->\n\n<script>x</script>\n\n${parts}`,
  )
  expect(blocks.slice(0, -2)).toEqual([
    { is: 'paragraph', text: says('a <b>b</b> &lt;') },
    { is: 'paragraph', text: says('<div onclick="x()">') },
    { is: 'paragraph', text: says('<script>x</script>') },
  ])
})

test('what is measured stands in braces, in text and in code', () => {
  const blocks = good(`${parts}
At {server.port}, \`dial {alice.peer} \\{x\\}\`, {dialled} in {ringing}; { not } {} \\{escaped}.`)
  expect(blocks.at(-1)).toEqual({
    is: 'paragraph',
    text: [
      ...says('At '),
      { is: 'value', name: 'server.port' },
      ...says(', '),
      {
        is: 'code',
        of: [...says('dial '), { is: 'value', name: 'alice.peer' }, ...says(' {x}')],
      },
      ...says(', '),
      { is: 'value', name: 'dialled' },
      ...says(' in '),
      { is: 'value', name: 'ringing' },
      ...says('; { not } {} {escaped}.'),
    ],
  })
})

test('links lead to the reference, to lessons, and to addresses', () => {
  const [block] = good(`[a](ref:eaddrinuse) [b](lesson:03-backlog) https://x.org\n\n${parts}`)
  expect(block).toEqual({
    is: 'paragraph',
    text: [
      { is: 'link', to: { is: 'reference', word: 'EADDRINUSE' }, of: says('a') },
      ...says(' '),
      { is: 'link', to: { is: 'lesson', id: '03-backlog' }, of: says('b') },
      ...says(' '),
      { is: 'link', to: { is: 'address', url: 'https://x.org' }, of: says('https://x.org') },
    ],
  })
})

test('a watch block names what to look at', () => {
  const blocks = good(`${parts}
\`\`\`watch
pane server: its **pane**
row alice: the last

ladder server alice: the way
kernel server accept_queue: callers
kernel server[2] unacked: bytes
pane bench: calls
\`\`\``)
  expect(blocks.at(-1)).toMatchObject({
    is: 'watch',
    points: [
      { at: 'pane', of: 'server', text: [...says('its '), { is: 'strong', of: says('pane') }] },
      { at: 'row', of: 'alice' },
      { at: 'ladder', of: ['server', 'alice'] },
      { at: 'kernel', of: 'server', field: 'acceptQueue' },
      { at: 'kernel', of: 'server[2]', field: 'unacked' },
      { at: 'pane', of: 'bench' },
    ],
  })
})

test('a question has choices, of which one is right, and an answer', () => {
  const blocks = good(`${parts}
\`\`\`ask
Who
is it?

- [x] **Alice**
- Bob, who
  is late
---
It is *Alice*.

- a list
\`\`\``)
  expect(blocks.at(-1)).toEqual({
    is: 'ask',
    question: says('Who\nis it?'),
    choices: [
      { text: [{ is: 'strong', of: says('Alice') }], isRight: true },
      { text: says('Bob, who\n  is late'), isRight: false },
    ],
    answer: [
      { is: 'paragraph', text: [...says('It is '), { is: 'emphasis', of: says('Alice') }, ...says('.')] },
      { is: 'list', isOrdered: false, items: [[{ is: 'paragraph', text: says('a list') }]] },
    ],
  })
})

test('what is so on some machines only says whether it is so here', () => {
  const blocks = good(`${parts}
\`\`\`where linux
Here.
\`\`\`

\`\`\`\`where linux, not linux
\`\`\`watch
pane server: nowhere
\`\`\`
\`\`\`\``)
  expect(blocks.slice(-2)).toMatchObject([
    {
      is: 'where',
      holds: true,
      conditions: [{ name: 'linux', isNot: false }],
      blocks: [{ is: 'paragraph' }],
    },
    { is: 'where', holds: false, blocks: [{ is: 'watch' }] },
  ])
})

test('stages have a picture for each part', () => {
  const blocks = good(`\`\`\`stages
buy: img/buy.svg | buy a phone | socket()
call: call.png | call | connect()
\`\`\`

${parts}`)
  expect(blocks[0]).toEqual({
    is: 'stages',
    stages: [
      { part: 'buy', image: 'img/buy.svg', words: 'buy a phone', call: 'socket()' },
      { part: 'call', image: 'call.png', words: 'call', call: 'connect()' },
    ],
  })
})

test.for<[string, string, ...string[]]>([
  [
    'a part that is not there',
    `\`\`\`do caal\n\`\`\`\n\n${parts}`,
    '1: the experiment has no part caal; did you mean call?',
  ],
  ['a part without a name', `\`\`\`do\n\`\`\`\n\n${parts}`, '1: do lacks the name of a part: ```do buy.'],
  ['a part twice', `${parts}\n\`\`\`do buy\n\`\`\``, '7: the part buy is done already, on line 1.'],
  [
    'parts in another order',
    '```do call\n```\n\n```do buy\n```\n',
    '1: the part buy comes before call in the experiment, and is not done yet.',
  ],
  [
    'a part that is not done',
    '```do buy\n```\n\nend\n',
    '4: the part call of the experiment is not done: the text lacks ```do call.',
  ],
  [
    'a value that no step measures',
    `${parts}\n\nIt is {fited}.\n`,
    '8: no step measures {fited}: a step keeps one with as: NAME; write \\{ for a brace.',
  ],
  [
    'a value that is misspelt',
    `${parts}\n\na\n*b* {server.prot}`,
    '9: no step measures {server.prot}: did you mean server.port?',
  ],
  [
    'a value before its step',
    '{server.port}\n\n```do buy\n```\n\n`{dialled}`\n\n```do call\n```\n',
    '1: {server.port} is not measured yet here: that is done in the part buy, below.',
    '6: {dialled} is not measured yet here: that is done in the part call, below.',
  ],
  [
    'a pane of nobody',
    `${parts}\n\`\`\`watch\n\npane alic: x\n\`\`\``,
    '9: there is no endpoint alic; did you mean alice?',
  ],
  [
    'a caller of whom nobody calls',
    `${parts}\n\`\`\`watch\nrow alice[1]: x\n\`\`\``,
    '8: alice has no callers: only what listens on tcp:// or unix: has.',
  ],
  [
    'a number that the kernel does not have',
    `${parts}\n\`\`\`watch\nkernel server unackd: x\n\`\`\``,
    '8: the kernel has no number unackd; did you mean unacked?',
  ],
  [
    'a watch line of another form',
    `${parts}\n\`\`\`watch\nlook at it\n\`\`\``,
    '8: found "look at it", expected pane NAME: words, row NAME: words, ladder NAME NAME: words, or kernel NAME FIELD: words.',
  ],
  [
    'a question without an answer',
    `${parts}\n\`\`\`ask\nWho?\n\`\`\``,
    '7: ask has no answer: after the question, and the choices, comes a line --- and then the answer.',
  ],
  [
    'choices of which none is right',
    `${parts}\n\`\`\`ask\nWho?\n- a\n- b\n---\nA.\n\`\`\``,
    '9: none of the choices is right: mark the one that is with - [x].',
  ],
  [
    'one choice',
    `${parts}\n\`\`\`ask\nWho?\n- [x] a\n---\nA.\n\`\`\``,
    '9: there are 1 choices, expected 2 to 8, or none.',
  ],
  [
    'a condition that is none',
    `${parts}\n\`\`\`where linx\nA.\n\`\`\``,
    '7: "linx" is no condition; did you mean linux?',
  ],
  [
    'a part in a where block',
    `\`\`\`\`where linux\n\`\`\`do buy\n\`\`\`\n\`\`\`\`\n\n${parts}`,
    '2: a do block cannot stand here, in a where block.',
  ],
  ['a part in a list', `- \`\`\`do buy\n  \`\`\`\n\n${parts}`, '1: a do block cannot stand here, in a list.'],
  [
    'a stage of no part',
    `\`\`\`stages\nby: a.svg | x | y()\nbuy: a.svg | x\n\`\`\`\n\n${parts}`,
    '2: the experiment has no part by; did you mean buy?',
    '3: found "buy: a.svg | x", expected PART: PICTURE | everyday words | call().',
  ],
  [
    'a block that is misspelt',
    `\`\`\`wach\npane server: x\n\`\`\`\n\n${parts}`,
    '1: there is no block wach; did you mean watch?',
  ],
  [
    'a block that is not closed',
    `${parts}\n\`\`\`c\nint x;\n`,
    '7: the block that begins here is not closed: expected ``` on a line of its own.',
  ],
  [
    'a picture in a text',
    `see ![a](b.svg) here\n\n${parts}`,
    '1: the picture "b.svg" stands in a text: give it a paragraph of its own.',
  ],
  [
    'a picture without words',
    `![](b.svg)\n\n${parts}`,
    '1: the picture "b.svg" lacks words for those who do not see it: ![words](…).',
  ],
  [
    'a link to a file',
    `[x](file:///etc/passwd)\n\n[y](javascript:alert(1))\n\n${parts}`,
    '1: the link leads to "file:///etc/passwd"; expected ref:WORD, lesson:FOLDER or https://….',
    '3: the link leads to "javascript:alert(1)"; expected ref:WORD, lesson:FOLDER or https://….',
  ],
  [
    'a link to a page that is not there',
    `[x](ref:EADRINUSE)\n\n${parts}`,
    '1: the reference has no page EADRINUSE; did you mean EADDRINUSE?',
  ],
  ['a heading of the fourth level', `#### x\n\n${parts}`, '1: the heading is of level 4; there are three.'],
  ['a list to tick off', `- [ ] x\n\n${parts}`, '1: a list to tick off stands in an ask block only.'],
])('%s is told', ([, text, ...problems]) => {
  expect(read(text).problems).toEqual(problems)
})

test('an experiment without parts, or with steps before them, is told', () => {
  expect(read('x', { ...phone, steps: [] }).problems).toEqual([
    '1: the experiment has no parts: its first step is - part: NAME.',
  ])
  expect(
    read(parts, { ...phone, steps: phone.steps.toSpliced(1, 1).toSpliced(0, 0, ...phone.steps.slice(1, 2)) })
      .problems[0],
  ).toBe('5: the experiment has steps before its first part: put - part: buy before all of them.')
})

test('20 problems are told, the first ones', () => {
  const { problems } = read(`${'{no} '.repeat(30)}\n\n${parts}`)
  expect(problems).toHaveLength(20)
})

const words = [
  '*',
  '_',
  '`',
  '```',
  '```do buy\n',
  '```where linux\n',
  '```ask\n',
  '---\n',
  '\n',
  '\n\n',
  '> ',
  '- ',
  '1. ',
  '[',
  '](',
  ')',
  '![',
  '<',
  '<!--',
  '-->',
  '<a>',
  '|',
  '|-|',
  '{',
  '}',
  '{server.port}',
  '\\',
  '# ',
  '    ',
  'a',
  ' ',
  '\t',
  '\r',
  '\u0000',
  '\u202e',
  '~~',
  '&lt;',
  'http://',
]

test('any text comes to blocks or problems', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 60 }), (pieces) => {
      const { blocks } = read(pieces.join(''))
      const json = JSON.stringify(blocks)
      expect(json.length).toBeLessThan(100_000)
    }),
    { numRuns: 2000 },
  )
})

test.for<[string, string]>([
  ['emphasis', '*a '.repeat(80_000)],
  ['emphasis that closes', 'a**'.repeat(80_000)],
  ['quotes', '> '.repeat(120_000)],
  ['lists in a line', '1. '.repeat(80_000)],
  ['lists by indentation', Array.from({ length: 700 }, (_, depth) => `${' '.repeat(depth)}- a\n`).join('')],
  ['brackets', '['.repeat(250_000)],
  ['pictures', '!['.repeat(120_000)],
  ['ticks', Array.from({ length: 700 }, (_, length) => '`'.repeat(length)).join(' ')],
  ['paragraphs of emphasis', `${'*a '.repeat(600)}\n\n`.repeat(130)],
])('%s without end are refused, or read at once', ([, text]) => {
  expect(read(text).problems.length).toBeGreaterThan(0)
})

import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { nextTick } from 'vue'
import type { CommandName } from '@shared/contract/commands'
import { fault, type Reply } from '@shared/model/fault'
import type { ShownStep, StepOutcome } from '@shared/model/experiment'
import type { Inline, LessonBlock, ShownLesson } from '@shared/model/lesson'
import { doNextPart } from '../../actions/lesson'
import { loadReference } from '../../composables/useReference'
import { useExperimentStore } from '../../stores/experiment'
import { useLessonStore } from '../../stores/lesson'
import LessonPane from './LessonPane.vue'

// The words of a lesson ask for their pages: what is under way must have come before the page goes.
afterAll(() => loadReference())

const text = (words: string): Inline => ({ is: 'text', text: words })
const value = (name: string): Inline => ({ is: 'value', name })
const step = (act: string, at: string, detail = ''): ShownStep => ({ line: 1, act, at, detail })

const blocks: readonly LessonBlock[] = [
  { is: 'heading', level: 2, text: [text('A telephone')] },
  {
    is: 'stages',
    stages: [
      { part: 'buy', image: 'buy.svg', words: 'buy a phone', call: 'socket()' },
      { part: 'call', image: 'call.svg', words: 'call', call: 'connect()' },
    ],
  },
  { is: 'do', part: 'buy', from: 0, to: 2 },
  { is: 'watch', points: [{ at: 'pane', of: 'server', text: [text('it listens')] }] },
  { is: 'paragraph', text: [text('The port is '), value('server.port'), text('.')] },
  { is: 'do', part: 'call', from: 2, to: 4 },
  {
    is: 'paragraph',
    text: [
      {
        is: 'code',
        of: [
          { is: 'text', text: 'connect(' },
          { is: 'value', name: 'alice.peer' },
        ],
      },
    ],
  },
  {
    is: 'ask',
    question: [text('Who chose the port?')],
    choices: [
      { text: [text('the client')], isRight: false },
      { text: [text('the kernel')], isRight: true },
    ],
    answer: [{ is: 'paragraph', text: [text('The kernel, as it was 0.')] }],
  },
  {
    is: 'where',
    conditions: [{ name: 'linux', isNot: false }],
    holds: true,
    blocks: [
      { is: 'paragraph', text: [text('Linux it is.')] },
      { is: 'watch', points: [{ at: 'ladder', of: ['alice'], text: [text('three lines')] }] },
    ],
  },
  {
    is: 'where',
    conditions: [{ name: 'low-ports', isNot: true }],
    holds: false,
    blocks: [
      { is: 'paragraph', text: [text('Not as root.')] },
      { is: 'watch', points: [{ at: 'pane', of: 'alice', text: [text('it was refused')] }] },
    ],
  },
  { is: 'code', language: '', text: 'nc 127.0.0.1 8472' },
]

const shown: ShownLesson = {
  lesson: {
    id: '01-phone-call',
    title: 'The phone call',
    teaches: 'What a socket is.',
    minutes: 10,
    needs: [],
    isOwn: false,
    blocks,
    panes: [],
  },
  experiment: {
    experiment: 1,
    file: 'experiment.yaml',
    name: '',
    about: '',
    endpoints: [],
    steps: [step('part', '', 'buy'), step('open', 'server'), step('part', '', 'call'), step('open', 'alice')],
    machine: {},
    problems: [],
  },
  problems: [],
}

let wrapper: VueWrapper
let asked: { readonly name: CommandName; readonly input: unknown }[]

beforeEach(() => {
  setActivePinia(createPinia())
  asked = []
  const call = async (name: CommandName, input: unknown): Promise<Reply<unknown>> => {
    asked.push({ name, input })
    if (name === 'experiment.run' || (name as string) === 'clipboard.write' || name === 'kernel.look')
      return { ok: true, value: null }
    if (name === 'lesson.list') return { ok: true, value: [] }
    if (name === 'lesson.start') return { ok: true, value: shown }
    return { ok: false, fault: fault('SB_UNSUPPORTED', name) }
  }
  Object.defineProperty(window, 'switchboard', {
    value: { call, host: call, platform: 'linux' },
    configurable: true,
  })
  useLessonStore().show(shown)
  wrapper = mount(LessonPane)
})

/** As the service tells it. */
async function tell(done: number, outcomes: readonly StepOutcome[], phase: 'ready' | 'failed' = 'ready') {
  const run = useExperimentStore()
  run.outcomes = outcomes
  run.status = { experiment: 1, phase, done, isStepRunning: false, tookMs: 1 }
  await nextTick()
}
const passed = (values: Record<string, string> = {}): StepOutcome => ({
  phase: 'passed',
  tookMs: 1,
  note: '',
  values,
})
const card = (part: string) => wrapper.get(`[data-part="${part}"]`)
const told = (name: string) => wrapper.get(`[data-value="${name}"]`)

test('before the first step its text has gaps, and the first step can be done', () => {
  expect(wrapper.get('h2').text()).toBe('The phone call')
  expect(told('server.port').text()).toBe('…')
  expect(told('server.port').attributes('title')).toContain('once step 1 is done')
  expect(card('buy').text()).toContain('Do it')
  expect(card('buy').text()).not.toContain('part')
  expect(card('call').text()).toContain('Do all up to here')
})

test('what is done is marked, and what was measured stands in the text', async () => {
  await card('buy').get('button').trigger('click')
  expect(asked).toContainEqual({ name: 'experiment.run', input: { experiment: 1, to: 2 } })
  await tell(2, [passed(), passed({ 'server.port': '40123', 'server.id': 'L1' })])
  expect(told('server.port').text()).toBe('40123')
  expect(card('buy').attributes('data-phase')).toBe('done')
  expect(card('call').text()).toContain('Do it')
  expect(useLessonStore().names.get('L1')).toBe('server')
  expect(
    wrapper
      .get('[aria-label="How far it is"]')
      .findAll('li')
      .map((each) => each.classes()[0]),
  ).toEqual(['done', 'next'])
  expect(wrapper.get('[aria-label="Progress"]').text()).toBe('1 of 2 steps done')
})

test('steps are done once, however often one asks, and between two of them it is still under way', async () => {
  const runs = (): number => asked.filter(({ name }) => name === 'experiment.run').length
  const [next, all] = wrapper.get('[aria-label="What to do"]').findAll('button')
  await all?.trigger('click')
  await doNextPart()
  expect(runs()).toBe(1)
  await tell(2, [passed(), passed()])
  expect(card('call').attributes('data-phase')).toBe('running')
  expect(all?.text()).toBe('Stop')
  expect(next?.attributes('aria-disabled')).toBe('true')
  await flushPromises()
  expect(runs()).toBe(2)
  await tell(4, [passed(), passed(), passed(), passed()])
  await flushPromises()
  expect(all?.text()).toContain('Do all')
  expect(wrapper.get('[aria-label="Progress"]').text()).toBe('all 2 steps done')
})

test('stopped between two steps, the next is not begun', async () => {
  await wrapper.get('[aria-label="What to do"]').findAll('button')[1]?.trigger('click')
  await tell(2, [passed(), passed()])
  useLessonStore().goal = null
  await flushPromises()
  expect(asked.filter(({ name }) => name === 'experiment.run')).toHaveLength(1)
  expect(card('call').attributes('data-phase')).toBe('next')
})

test('a value that a step left out does not have says so', async () => {
  await tell(2, [passed(), { phase: 'skipped', tookMs: 0, note: 'left out: here not linux' }])
  expect(told('server.port').text()).toBe('not here')
  expect(card('buy').text()).toContain('left out: here not linux')
})

test('a step that fails tells why, and is tried again from the beginning', async () => {
  const broken = { code: 'EADDRINUSE', summary: 'The port is taken.' }
  await tell(1, [passed(), { phase: 'failed', tookMs: 1, note: '', fault: broken }], 'failed')
  expect(card('buy').text()).toContain('The port is taken.')
  await card('buy').get('button').trigger('click')
  await flushPromises()
  expect(asked.map(({ name }) => name)).toContain('lesson.start')
})

test('a question hides its answer until it is answered, and again with the next attempt', async () => {
  const ask = wrapper.get('.ask')
  expect(ask.text()).not.toContain('as it was 0')
  await ask.findAll('input')[0]?.setValue(true)
  await ask.trigger('submit')
  expect(ask.get('[role="status"]').text()).toBe('Not quite.The kernel, as it was 0.')
  useLessonStore().show(shown)
  await nextTick()
  expect(ask.text()).not.toContain('as it was 0')
  await ask.findAll('input')[1]?.setValue(true)
  await ask.trigger('submit')
  expect(ask.get('[role="status"]').text()).toContain('Right.')
})

test('what is to be typed elsewhere can be copied', async () => {
  const sample = wrapper.get('.sample')
  expect(sample.get('pre').text()).toBe('nc 127.0.0.1 8472')
  await sample.get('[aria-label="Copy"]').trigger('click')
  await flushPromises()
  expect(asked).toContainEqual({ name: 'clipboard.write', input: { text: 'nc 127.0.0.1 8472' } })
  expect(sample.get('[role="status"]').text()).toBe('Copied')
})

test('what is so here is told, and what is so elsewhere is folded', () => {
  expect(wrapper.get('aside').text()).toContain('On this machine on Linux')
  expect(wrapper.get('details').text()).toContain('Elsewhere where ports under 1024 may not be bound')
  expect(wrapper.get('details').attributes('open')).toBeUndefined()
})

test('where to look has a number where it is so here, and none where it is so elsewhere', () => {
  expect(useLessonStore().parts.map(({ points }) => points.map(({ at }) => at))).toEqual([
    ['pane'],
    ['ladder'],
  ])
  const [first, here, elsewhere] = wrapper.findAll('.watch')
  expect(first?.find('button').attributes('aria-label')).toBe('Show 1')
  expect(here?.find('button').attributes('aria-label')).toBe('Show 1')
  expect(elsewhere?.find('button').exists()).toBe(false)
  expect(elsewhere?.text()).toContain('it was refused')
})

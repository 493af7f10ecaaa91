import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defineComponent, h, nextTick, useTemplateRef } from 'vue'
import { wordsHere } from '../../actions/reference'
import { loadReference } from '../../composables/useReference'
import { useWordColumn } from '../../composables/useWordColumn'
import { wordRuns } from '../../format/wordRuns'
import { useReferenceStore } from '../../stores/reference'
import ReferencePanel from './ReferencePanel.vue'
import ReferenceText from './ReferenceText.vue'
import ReferenceWord from './ReferenceWord.vue'
import StateText from './StateText.vue'

const mounted: VueWrapper[] = []
function show<T extends VueWrapper>(wrapper: T): T {
  mounted.push(wrapper)
  return wrapper
}
beforeEach(async () => {
  setActivePinia(createPinia())
  await loadReference()
})
afterEach(() => {
  for (const each of mounted.splice(0)) each.unmount()
})

describe('a word', () => {
  test('with a page is a link that opens it, by Enter too, with its first sentence as its title', async () => {
    const word = show(mount(ReferenceWord, { props: { word: 'accept', of: 'accept()' } }))
    const link = word.get('[role="link"]')
    expect(link.text()).toBe('accept')
    expect(link.attributes('title')).toMatch(/^Takes the first caller .*\.$/)
    await link.trigger('click')
    expect(useReferenceStore().word).toBe('accept')
    useReferenceStore().close()
    await link.trigger('keydown', { key: 'Enter' })
    expect(useReferenceStore().isOpen).toBe(true)
  })

  test('without a page is text', () => {
    const word = show(mount(ReferenceWord, { props: { word: 'tcp://127.0.0.1:8060' } }))
    expect(word.find('[role="link"]').exists()).toBe(false)
    expect(word.text()).toBe('tcp://127.0.0.1:8060')
  })

  test.each([
    ['half-closed by peer', ['half-closed by peer']],
    ['closed (reset)', ['closed (reset)']],
    ['closed (ECONNABORTED)', ['closed', 'ECONNABORTED']],
    ['listening on tcp://127.0.0.1:8060', ['listening']],
    ['failed: EADDRINUSE Listening on tcp://127.0.0.1:1 failed.', ['failed', 'EADDRINUSE']],
    ['bound to udp://127.0.0.1:9', ['bound']],
    ['handed over to S2', ['handed over']],
  ])('in the state "%s"', (text, words) => {
    const state = show(mount(StateText, { props: { text }, attachTo: document.body }))
    expect(state.element.parentElement?.textContent).toBe(text)
    expect(state.findAll('[role="link"]').map((each) => each.text())).toEqual(words)
  })
})

describe('words in a text', () => {
  test.each([
    ['close(2) waits, EPIPE comes, or SO_LINGER.', ['close(2)', 'EPIPE', 'SO_LINGER']],
    ['A RST ends it: ECONNRESET.', ['RST', 'ECONNRESET']],
    ['Plain words, net.ipv4.tcp_rmem, ECHO_NOTHING', ['ECHO_NOTHING']],
    ['', []],
  ])('%s', (text, words) => {
    const runs = wordRuns(text)
    expect(runs.map((run) => run.text).join('')).toBe(text)
    expect(runs.flatMap((run) => (run.isWord ? [run.text] : []))).toEqual(words)
  })

  test('phrases are words where they are asked for', () => {
    const text = show(
      mount(ReferenceText, { props: { text: 'Port 0 lets the kernel choose.', phrases: ['Port 0'] } }),
    )
    expect(text.get('[role="link"]').text()).toBe('Port 0')
  })
})

describe('the panel', () => {
  async function panel(word: string | null): Promise<VueWrapper> {
    useReferenceStore().open(word)
    const wrapper = show(mount(ReferencePanel, { attachTo: document.body }))
    await flushPromises()
    return wrapper
  }

  test('finds by kind, chooses with the arrows, opens with Enter, and goes back', async () => {
    const wrapper = await panel(null)
    const field = wrapper.get('input')
    expect(document.activeElement).toBe(field.element)
    await field.setValue('epipe')
    expect(wrapper.findAll('[role="group"] .title')[0]?.text()).toBe('Errors')
    expect(wrapper.get('[aria-selected="true"]').text()).toContain('EPIPE')
    expect(field.attributes('aria-activedescendant')).toBe(
      wrapper.get('[aria-selected="true"]').attributes('id'),
    )
    await field.trigger('keydown', { key: 'ArrowUp' })
    await field.trigger('keydown', { key: 'ArrowDown' })
    await field.trigger('keydown', { key: 'Enter' })
    await flushPromises()
    expect(wrapper.get('h3').text()).toContain('EPIPE')
    await wrapper.findAll('[aria-label="See also"] [role="link"]')[0]?.trigger('click')
    await flushPromises()
    expect(wrapper.get('h3').text()).not.toContain('EPIPE')
    await wrapper.get('[aria-label="Page before"]').trigger('click')
    await flushPromises()
    expect(wrapper.get('h3').text()).toContain('EPIPE')
    await wrapper.get('[aria-label="Contents"]').trigger('click')
    expect(wrapper.findAll('details').length).toBe(7)
  })

  test('a page tells all that it has, and does not lead to itself', async () => {
    const wrapper = await panel('accept')
    const text = wrapper.text()
    for (const part of [
      'accept()',
      'Blocks',
      'Returns',
      'Fails with',
      'EMFILE',
      'Lessons',
      'See also',
      'accept(2)',
    ])
      expect(text).toContain(part)
    expect(wrapper.findAll('.does [data-word="accept"]')).toEqual([])
  })

  test('Escape empties the search first, then closes', async () => {
    const wrapper = await panel('EPIPE')
    await wrapper.get('input').setValue('rst')
    await wrapper.get('section').trigger('keydown', { key: 'Escape' })
    expect(useReferenceStore().sought).toBe('')
    expect(useReferenceStore().isOpen).toBe(true)
    await wrapper.get('section').trigger('keydown', { key: 'Escape' })
    expect(useReferenceStore().isOpen).toBe(false)
  })

  test('what fits nothing is told', async () => {
    const wrapper = await panel(null)
    await wrapper.get('input').setValue('zzzz')
    expect(wrapper.get('.nothing').text()).toContain('Nothing fits')
  })
})

describe('the word that is meant', () => {
  function focusIn(html: string, selector: string): Element {
    document.body.innerHTML = html
    const found = document.querySelector(selector)
    if (found === null) throw new Error(`no ${selector}`)
    return found
  }

  test('is that of the focus, the selection, the caret, the field’s name, or the row', () => {
    expect(wordsHere(focusIn('<i data-word="EPIPE">EPIPE</i>', 'i'), 'RST')[0]).toBe('EPIPE')
    expect(wordsHere(null, 'RST')).toContain('RST')
    const field = focusIn(
      '<input value="see SO_LINGER here" aria-label="TCP_CORK">',
      'input',
    ) as HTMLInputElement
    field.setSelectionRange(6, 6)
    expect(wordsHere(field, '')).toEqual(expect.arrayContaining(['SO_LINGER', 'TCP_CORK']))
    const row = '<table><tr><th><b data-word="rto">rto</b></th><td><input type="checkbox"></td></tr></table>'
    expect(wordsHere(focusIn(row, 'input'), '')).toContain('rto')
    const grid = '<div tabindex="0"><p aria-selected="true">closed: ECONNRESET by peer</p></div>'
    expect(wordsHere(focusIn(grid, 'div'), '')).toContain('ECONNRESET')
  })

  test('is not in an address', () => {
    const field = focusIn('<input value="tcp://127.0.0.1:80">', 'input') as HTMLInputElement
    field.setSelectionRange(0, 3)
    expect(wordsHere(field, '').filter((each) => each !== '')).toEqual([])
  })
})

test('of words in a column one is a stop for Tab, and arrows go from one to the next', async () => {
  const names = ['rtt', 'rto', 'ato']
  const Column = defineComponent(() => {
    const column = useWordColumn(useTemplateRef<HTMLElement>('root'))
    return () =>
      h(
        'div',
        { ref: 'root', onFocusin: column.onFocus, onKeydown: column.onKey },
        names.map((word) =>
          h(
            'p',
            { 'data-column-word': '' },
            h(ReferenceWord, { word, isStop: column.stopOf(names) === word }),
          ),
        ),
      )
  })
  const wrapper = show(mount(Column, { attachTo: document.body }))
  const links = wrapper.findAll('[role="link"]')
  const stops = (): string[] => links.map((each) => each.attributes('tabindex') ?? '')
  expect(stops()).toEqual(['0', '-1', '-1'])
  links[0]?.element.dispatchEvent(new FocusEvent('focusin', { bubbles: true }))
  await links[0]?.trigger('keydown', { key: 'ArrowDown' })
  links[1]?.element.dispatchEvent(new FocusEvent('focusin', { bubbles: true }))
  await nextTick()
  expect(document.activeElement?.textContent).toBe('rto')
  expect(stops()).toEqual(['-1', '0', '-1'])
})

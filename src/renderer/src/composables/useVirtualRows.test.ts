import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { customRef, defineComponent, effectScope, h, nextTick, shallowRef } from 'vue'
import { MAX_SPACER_PX, useVirtualRows, type VirtualRows } from './useVirtualRows'

const ROW_PX = 20
const VIEW_PX = 400
const total = shallowRef(0)
const follow = shallowRef(false)
/** Of the element, as the browser has laid it out. */
let heightPx = VIEW_PX
let view: VirtualRows
let wrapper: VueWrapper

/** A scrolling element of a fixed height; the test's own layout, since here nothing is laid out. */
async function show(rows: number, isFollowing = false): Promise<HTMLElement> {
  total.value = rows
  follow.value = isFollowing
  const viewport = shallowRef<HTMLElement | null>(null)
  wrapper = mount(
    defineComponent({
      setup() {
        view = useVirtualRows({ viewport, total, rowPx: ROW_PX, headPx: 0, follow })
        return () =>
          h('div', {
            ref: (element) => {
              viewport.value = element as HTMLElement
            },
          })
      },
    }),
  )
  const element = wrapper.element as HTMLElement
  let scrollTop = 0
  Object.defineProperties(element, {
    clientHeight: { get: () => heightPx },
    clientWidth: { value: 500 },
    scrollTop: {
      get: () => scrollTop,
      set: (to: number) => {
        scrollTop = Math.round(Math.min(Math.max(0, to), Math.max(0, view.spacerPx.value - VIEW_PX)))
      },
    },
  })
  // Told anew, now that it has a size.
  viewport.value = null
  await nextTick()
  viewport.value = element
  await nextTick()
  await nextTick()
  return element
}

function userScrolls(element: HTMLElement, to: number): void {
  element.scrollTop = to
  view.onScroll()
}

afterEach(() => {
  wrapper.unmount()
  heightPx = VIEW_PX
})

describe('rows in a scrolling element', () => {
  test('only as many are drawn as fit', async () => {
    await show(1_000_000)
    expect(view.first.value).toBe(0)
    expect(view.count.value).toBe(21)
    total.value = 3
    await nextTick()
    expect(view.count.value).toBe(3)
  })

  test('a hundred million rows fit a spacer that the browser can lay out, and each can be reached', async () => {
    const element = await show(100_000_000)
    expect(view.spacerPx.value).toBe(MAX_SPACER_PX)
    userScrolls(element, MAX_SPACER_PX)
    expect(view.first.value + view.count.value).toBe(100_000_000)
    userScrolls(element, MAX_SPACER_PX / 2)
    expect(Math.abs(view.first.value - 50_000_000)).toBeLessThan(10_000)
    view.reveal(12_345_678)
    expect(view.first.value).toBe(12_345_678)
    // The echo of our own setting is no act of the user.
    view.onScroll()
    expect(view.first.value).toBe(12_345_678)
  })

  test('a row that is pointed at is shown with what comes before and after it, and stays where it is if it is in sight', async () => {
    await show(1000)
    view.show(500)
    expect(view.first.value).toBe(494)
    view.show(510)
    expect(view.first.value).toBe(494)
    view.show(2)
    expect(view.first.value).toBe(0)
    view.show(999)
    expect(view.first.value + view.count.value).toBe(1000)
  })

  test('a wheel notch moves by its own distance, however long the record is', async () => {
    await show(100_000_000)
    view.reveal(50_000_000)
    const before = view.first.value
    view.onWheel(new WheelEvent('wheel', { deltaY: 100, cancelable: true }))
    expect(view.first.value).toBe(before + 5)
  })

  test('the end is followed until the user scrolls away, and again when he is back', async () => {
    const element = await show(1000, true)
    expect(view.first.value).toBe(980)
    total.value = 2000
    await nextTick()
    expect(view.first.value).toBe(1980)
    await vi.waitFor(() => expect(element.scrollTop).toBe(2000 * ROW_PX - VIEW_PX))
    userScrolls(element, 100 * ROW_PX)
    expect(follow.value).toBe(false)
    total.value = 3000
    await nextTick()
    expect(view.first.value).toBe(100)
    userScrolls(element, 3000 * ROW_PX)
    expect(follow.value).toBe(true)
  })

  test('scrolling away is not undone by what comes before the browser tells of it', async () => {
    const element = await show(1000, true)
    await vi.waitFor(() => expect(element.scrollTop).toBe(1000 * ROW_PX - VIEW_PX))
    total.value = 2000
    await nextTick()
    element.scrollTop = 100 * ROW_PX
    await vi.waitFor(() => expect(follow.value).toBe(false))
    expect(element.scrollTop).toBe(100 * ROW_PX)
    expect(view.first.value).toBe(100)
    view.onScroll()
    expect(view.first.value).toBe(100)
  })

  test('nor is scrolling forwards, from where the bar has not been moved to the end yet', async () => {
    const element = await show(1000, true)
    await vi.waitFor(() => expect(element.scrollTop).toBe(1000 * ROW_PX - VIEW_PX))
    total.value = 20_000
    await nextTick()
    element.scrollTop = 15_000 * ROW_PX
    await vi.waitFor(() => expect(follow.value).toBe(false))
    expect(element.scrollTop).toBe(15_000 * ROW_PX)
    expect(view.first.value).toBe(15_000)
  })

  test('a record that becomes shorter is not taken for scrolling', async () => {
    const element = await show(1000, true)
    await vi.waitFor(() => expect(element.scrollTop).toBe(1000 * ROW_PX - VIEW_PX))
    total.value = 100
    await nextTick()
    await vi.waitFor(() => expect(element.scrollTop).toBe(100 * ROW_PX - VIEW_PX))
    expect(follow.value).toBe(true)
  })

  test('nor is a view that becomes higher, where the browser moves the position by itself', async () => {
    const element = await show(1000)
    view.goTo(980)
    await nextTick()
    expect(view.first.value).toBe(980)
    view.goTo(500)
    heightPx = 2 * VIEW_PX
    userScrolls(element, 960 * ROW_PX)
    expect(view.first.value).toBe(500)
    expect(element.scrollTop).toBe(500 * ROW_PX)
  })

  test('nor is a view that is put elsewhere in the document, where the browser puts it to its top', async () => {
    const element = await show(1000, true)
    document.body.append(element)
    await vi.waitFor(() => expect(element.scrollTop).toBe(1000 * ROW_PX - VIEW_PX))
    const around = document.createElement('div')
    document.body.append(around)
    around.append(element)
    element.scrollTop = 0
    await Promise.resolve()
    view.onScroll()
    expect(element.scrollTop).toBe(1000 * ROW_PX - VIEW_PX)
    expect(follow.value).toBe(true)
    view.goTo(500)
    document.body.append(element)
    element.scrollTop = 0
    await Promise.resolve()
    expect(element.scrollTop).toBe(500 * ROW_PX)
    around.remove()
  })

  test('a place is gone to while the end is followed, before anybody is told that it is not any more', async () => {
    const element = await show(1000)
    // As with a component's model: what is set is told to its owner, who sets it later.
    let held = true
    const wish = customRef<boolean>((track) => ({
      get: () => (track(), held),
      set: () => undefined,
    }))
    wrapper.unmount()
    const late = effectScope()
    const rows = late.run(() =>
      useVirtualRows({ viewport: shallowRef(element), total, rowPx: ROW_PX, headPx: 0, follow: wish }),
    )
    await nextTick()
    rows?.reveal(3)
    expect(element.scrollTop).toBe(3 * ROW_PX)
    held = false
    late.stop()
  })

  test('who stops following stays where he was', async () => {
    await show(1000, true)
    follow.value = false
    await nextTick()
    expect(view.first.value).toBe(980)
    total.value = 5000
    await nextTick()
    expect(view.first.value).toBe(980)
    view.toEnd()
    await nextTick()
    expect(view.first.value).toBe(4980)
  })
})

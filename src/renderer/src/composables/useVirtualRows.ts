import {
  computed,
  onScopeDispose,
  shallowRef,
  unref,
  watch,
  type ComputedRef,
  type Ref,
  type ShallowRef,
} from 'vue'
import { whenMoved } from './whenMoved'

/** An element may not be taller than about 33 million pixels; past this the scroll bar is mapped onto the rows. */
export const MAX_SPACER_PX = 8_000_000

const BAR_MS = 150

export interface VirtualRows {
  /** The first row in sight, and how many to draw from there. */
  readonly first: ComputedRef<number>
  readonly count: ComputedRef<number>
  readonly spacerPx: ComputedRef<number>
  /** How many rows fit as a whole: a page of the keyboard. */
  readonly pageRows: ComputedRef<number>
  /** The viewport's width in px: no need to draw more text than fits. */
  readonly widthPx: Readonly<ShallowRef<number>>
  /** How far the first row is moved up out of sight, as a CSS transform for all that are drawn. */
  readonly shift: ComputedRef<string>
  /** How far down of the whole content the viewport begins, in px. */
  readonly topPx: ComputedRef<number>
  readonly heightPx: Readonly<ShallowRef<number>>
  /** Brings a row into sight with as little movement as possible. */
  reveal(row: number): void
  /** Brings a row that is out of sight to where one sees what comes before and after it. */
  show(row: number): void
  /** Brings a row to the top, as far as there is enough after it. */
  goTo(row: number): void
  toEnd(): void
  /** Listeners for the scrolling element. */
  onScroll(): void
  onWheel(event: WheelEvent): void
}

/**
 * Rows of one height in a scrolling element, any number of them. The position is kept here, in pixels of the whole content;
 * the element's own scroll position follows it, scaled when the content is taller than an element may be.
 * While `follow` is set the end stays in sight; the user's scrolling away unsets it, reaching the end sets it.
 */
export function useVirtualRows(options: {
  readonly viewport: Readonly<Ref<HTMLElement | null>>
  readonly total: Readonly<Ref<number>>
  readonly rowPx: number | Readonly<Ref<number>>
  /** What a heading that stays in place takes of the viewport's height. */
  readonly headPx: number
  readonly follow: Ref<boolean>
}): VirtualRows {
  const { viewport, total, headPx } = options
  // Whoever holds the model may tell of a change only when the parent has drawn; until then what has been asked for counts here.
  const follow = shallowRef(options.follow.value)
  watch(options.follow, (isFollowing) => (follow.value = isFollowing), { flush: 'sync' })
  watch(follow, (isFollowing) => (options.follow.value = isFollowing), { flush: 'sync' })
  const rowPx = (): number => unref(options.rowPx)
  const height = shallowRef(0)
  const widthPx = shallowRef(0)
  const contentPx = computed(() => total.value * rowPx())
  const spacerPx = computed(() => Math.min(contentPx.value, MAX_SPACER_PX))
  const maxTop = computed(() => Math.max(0, contentPx.value - height.value))
  const scale = computed(() => {
    const room = spacerPx.value - height.value
    return contentPx.value <= MAX_SPACER_PX || room <= 0 ? 1 : maxTop.value / room
  })
  /** Where the user went. While the end is followed it is where the end is, so that what is drawn is drawn once. */
  const chosenTop = shallowRef(0)
  const top = computed(() => (follow.value ? maxTop.value : Math.min(chosenTop.value, maxTop.value)))
  /** The scroll position that we set ourselves: its echo is no act of the user. */
  let own = 0

  const heightOf = (element: HTMLElement): number => Math.max(0, element.clientHeight - headPx)

  function moveBar(): void {
    const element = viewport.value
    if (element === null) return
    element.scrollTop = top.value / scale.value
    own = element.scrollTop
  }

  function moveTo(to: number): void {
    const at = Math.min(Math.max(0, to), maxTop.value)
    chosenTop.value = at
    follow.value = at >= maxTop.value - 1
    moveBar()
  }

  function onScroll(): void {
    const element = viewport.value
    if (element === null || Math.abs(element.scrollTop - own) <= 1) return
    const heightNow = heightOf(element)
    // Whole pixels here, parts of them where it is observed.
    if (Math.abs(heightNow - height.value) > 1) {
      // The browser has moved it, because there is room for more: that is no act of the user.
      height.value = heightNow
      moveBar()
      return
    }
    own = element.scrollTop
    const isAtEnd = own >= spacerPx.value - height.value - 1
    chosenTop.value = isAtEnd ? maxTop.value : Math.min(own * scale.value, maxTop.value)
    follow.value = isAtEnd
  }

  /**
   * The user has scrolled away from the end since the last frame: that is told in the next one, and must not be undone before.
   * Also forwards, while the bar has not been moved to the end yet.
   */
  function hasLeft(): boolean {
    const element = viewport.value
    // Of a record that has become shorter, the browser itself moves the position.
    const isReachable = own <= spacerPx.value - height.value + 1
    return element !== null && follow.value && isReachable && Math.abs(element.scrollTop - own) > 1
  }

  function onWheel(event: WheelEvent): void {
    // Unscaled content scrolls by itself; scaled, one notch would leap over thousands of rows.
    if (scale.value === 1 || event.ctrlKey) return
    event.preventDefault()
    const px = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * rowPx() * 3 : event.deltaY
    moveTo(top.value + px)
  }

  function reveal(row: number): void {
    const at = row * rowPx()
    if (at < top.value) moveTo(at)
    else if (at + rowPx() > top.value + height.value) moveTo(at + rowPx() - height.value)
  }

  function show(row: number): void {
    const at = row * rowPx()
    const isInSight = at >= top.value && at + rowPx() <= top.value + height.value
    if (!isInSight) moveTo(at - Math.floor(height.value / 3 / rowPx()) * rowPx())
  }

  // Whoever stops following stays where he was.
  watch(
    [maxTop, follow],
    () => {
      if (follow.value) chosenTop.value = maxTop.value
    },
    { flush: 'sync', immediate: true },
  )
  // In the frame, not at each change: setting a scroll position makes the browser lay the page out at once.
  // While the end is followed what is drawn does not depend on it, and a few times a second are enough for the bar.
  let frame = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  watch([contentPx, height, viewport, follow], ([, ...now], [, ...before]) => {
    const isGrowing = follow.value && now.every((each, at) => each === before[at])
    if (frame !== 0 || (isGrowing && timer !== undefined)) return
    clearTimeout(timer)
    timer = undefined
    if (isGrowing) timer = setTimeout(move, BAR_MS)
    else frame = requestAnimationFrame(move)
  })
  function move(): void {
    frame = 0
    timer = undefined
    if (hasLeft()) onScroll()
    moveBar()
  }

  const observer = new ResizeObserver((entries) => {
    const entry = entries.at(-1)
    if (entry === undefined) return
    height.value = Math.max(0, entry.contentRect.height - headPx)
    widthPx.value = entry.contentRect.width
  })
  watch(
    viewport,
    (now, before) => {
      if (before) observer.unobserve(before)
      if (now === null) return
      height.value = heightOf(now)
      widthPx.value = now.clientWidth
      observer.observe(now)
    },
    { immediate: true, flush: 'post' },
  )
  // Where the pane makes room for another the browser puts it to the top: that is no act of the user.
  whenMoved(viewport, moveBar)
  onScopeDispose(() => {
    observer.disconnect()
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  })

  const first = computed(() => Math.max(0, Math.floor(top.value / rowPx())))
  return {
    first,
    count: computed(() =>
      height.value === 0
        ? 0
        : Math.min(Math.ceil(height.value / rowPx()) + 1, Math.max(0, total.value - first.value)),
    ),
    spacerPx,
    widthPx,
    pageRows: computed(() => Math.max(1, Math.floor(height.value / rowPx()) - 1)),
    shift: computed(() => `translateY(${first.value * rowPx() - top.value}px)`),
    topPx: top,
    heightPx: height,
    reveal,
    show,
    goTo: (row) => moveTo(row * rowPx()),
    toEnd: () => {
      follow.value = true
    },
    onScroll,
    onWheel,
  }
}

import { computed, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import type { Moment } from '@shared/ladder/model'
import { useVirtualRows, type VirtualRows } from './useVirtualRows'
import { MARGIN_ROWS, type LadderPages, type ShownPage, type Wanted } from './useLadderPages'

export type Spacing = 'even' | 'scale'

/** Heights of a row at even distances, from far to near. */
const ROW_HEIGHTS = [6, 8, 10, 13, 16, 20, 26, 34, 44, 60]
const USUAL_HEIGHT = 20
/** To scale, content is so many px of the virtual rows. */
const UNIT_PX = 20
const ZOOM = 1.6
const NEAREST_NANOS_A_PX = 2
/** Room above the first moment and below the last. */
const EDGE_PX = 20
/** The same at even distances: the first row's words stand above its arrow. */
const TOP_PX = 8

export type PlaceInTime = Pick<Moment, 'rank' | 'atNanos'>

export interface LadderScale {
  readonly spacing: ShallowRef<Spacing>
  readonly view: VirtualRows
  /** What one row takes at even distances. */
  readonly rowPx: ComputedRef<number>
  readonly nanosAPx: Readonly<ShallowRef<number>>
  /** In px from the beginning of the whole ladder. */
  yOf(place: PlaceInTime): number
  /** What a place in sight is, for what is asked of the service; and with what lies around it. */
  sight(): Wanted
  around(): Wanted
  /** @param atPx in the viewport, what stays where it is */
  zoom(by: 1 | -1, atPx?: number): void
  fit(): void
  usual(): void
  reveal(place: PlaceInTime): void
  setSpacing(to: Spacing, anchor: PlaceInTime | null): void
}

/** How moments are laid out down the page: at even distances, or by the clock; how near one looks; and what is in sight. */
export function useLadderScale(options: {
  readonly viewport: Readonly<Ref<HTMLElement | null>>
  readonly page: LadderPages['page']
  readonly known: Readonly<Ref<number>>
  readonly headPx: number
  readonly follow: Ref<boolean>
}): LadderScale {
  const { viewport, page, known, headPx, follow } = options
  const spacing = shallowRef<Spacing>('even')
  const height = shallowRef(USUAL_HEIGHT)
  const nanosAPx = shallowRef(1e5)
  const total = computed(() => Math.max(page.value?.total ?? 0, known.value))
  const first = computed(() => page.value?.firstNanos ?? 0)
  const span = computed(() => Math.max(1, (page.value?.lastNanos ?? 0) - first.value))
  const units = computed(() =>
    spacing.value === 'even' ? total.value : Math.ceil((span.value / nanosAPx.value + 2 * EDGE_PX) / UNIT_PX),
  )
  const rowPx = computed(() => (spacing.value === 'even' ? height.value : UNIT_PX))
  const view = useVirtualRows({ viewport, total: units, rowPx, headPx, follow })

  const yOf = ({ rank, atNanos }: PlaceInTime): number =>
    spacing.value === 'even'
      ? TOP_PX + (rank + 0.5) * height.value
      : EDGE_PX + (atNanos - first.value) / nanosAPx.value
  const nanosAt = (y: number): number => Math.max(0, first.value + (y - EDGE_PX) * nanosAPx.value)

  function sight(): Wanted {
    if (spacing.value === 'even') {
      const from = view.first.value
      const to = Math.min(total.value, from + view.count.value)
      return { by: 'rank', from: Math.max(0, Math.min(from, to) - 1), to }
    }
    const top = view.topPx.value
    return { by: 'time', from: nanosAt(top), to: nanosAt(top + view.heightPx.value) + 1 }
  }

  function moveTo(y: number, atPx: number): void {
    view.goTo((y - atPx) / rowPx.value)
  }

  function zoomTo(apply: () => void, atPx: number): void {
    const y = view.topPx.value + atPx
    const anchor = spacing.value === 'even' ? (y - TOP_PX) / height.value : nanosAt(y)
    const isAtEnd = follow.value
    apply()
    if (isAtEnd) return
    moveTo(
      spacing.value === 'even'
        ? TOP_PX + anchor * height.value
        : EDGE_PX + (anchor - first.value) / nanosAPx.value,
      atPx,
    )
  }

  function fit(): void {
    const room = Math.max(40, view.heightPx.value)
    if (spacing.value === 'even') {
      const fitting = ROW_HEIGHTS.findLast((px) => px <= USUAL_HEIGHT && px * (total.value + 1) <= room)
      height.value = fitting ?? ROW_HEIGHTS[0] ?? USUAL_HEIGHT
    } else
      nanosAPx.value = Math.max(NEAREST_NANOS_A_PX, span.value / Math.max(20, room - 2 * EDGE_PX - UNIT_PX))
  }

  return {
    spacing,
    view,
    rowPx,
    nanosAPx,
    yOf,
    sight,
    around() {
      const { by, from, to } = sight()
      const margin = by === 'rank' ? MARGIN_ROWS : (to - from) / 2
      return { by, from: Math.max(0, from - margin), to: to + margin }
    },
    zoom(by, atPx = view.heightPx.value / 2) {
      zoomTo(() => {
        if (spacing.value === 'even') {
          const at = ROW_HEIGHTS.indexOf(height.value)
          height.value = ROW_HEIGHTS[Math.min(ROW_HEIGHTS.length - 1, Math.max(0, at + by))] ?? USUAL_HEIGHT
        } else {
          const farthest = Math.max(1000, (2 * span.value) / Math.max(20, view.heightPx.value))
          const next = by > 0 ? nanosAPx.value / ZOOM : nanosAPx.value * ZOOM
          nanosAPx.value = Math.min(farthest, Math.max(NEAREST_NANOS_A_PX, next))
        }
      }, atPx)
    },
    fit,
    usual() {
      if (spacing.value === 'even') zoomTo(() => (height.value = USUAL_HEIGHT), view.heightPx.value / 2)
      else fit()
    },
    reveal(place) {
      const y = yOf(place)
      const top = view.topPx.value
      const edge = spacing.value === 'even' ? TOP_PX + height.value / 2 : EDGE_PX
      if (y - edge < top) moveTo(y, edge)
      else if (y + edge > top + view.heightPx.value) moveTo(y, view.heightPx.value - edge)
    },
    setSpacing(to, anchor) {
      spacing.value = to
      if (to === 'scale') fit()
      if (anchor !== null && !follow.value) moveTo(yOf(anchor), view.heightPx.value / 2)
    },
  }
}

/** Whether a page shows all rows of its part, or there were too many. */
export function isCrowded(page: ShownPage | null): boolean {
  return page !== null && page.count > page.rows.length && page.wanted.by === 'time'
}

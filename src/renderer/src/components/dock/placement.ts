import { isListenerId, type SocketId } from '@shared/model/ids'

/** A group of panes in the dock; `id` is one pane of it, by which the dock finds it. */
export interface Place {
  readonly id: string
  readonly isListeners: boolean
  readonly panels: number
}

export interface Position {
  readonly referencePanel: string
  readonly direction: 'left' | 'right' | 'below' | 'within'
}

/** A pane narrower than this is of little use; past it, panes share a place. */
const MIN_PANE_PX = 300
const MOST_COLUMNS = 4
/** Of those that shall be seen together, no more than this many: further ones lie behind others. */
const MOST_BESIDE = 4
/** In a dock narrower than this, those that shall be seen together lie one below the other, two of them. */
const ONE_COLUMN_PX = 400

function columnsIn(widthPx: number): number {
  return Math.max(2, Math.min(MOST_COLUMNS, Math.floor(widthPx / MIN_PANE_PX)))
}

/**
 * Where a new pane goes: listeners share a place at the left; connections stand side by side at its right for as long as there
 * is room, and then behind one another where the fewest are. Null in an empty dock.
 * @param places from left to right; @param widthPx of the whole dock
 */
export function placeFor(id: SocketId, places: readonly Place[], widthPx: number): Position | null {
  const first = places[0]
  const last = places[places.length - 1]
  if (first === undefined || last === undefined) return null
  const columns = columnsIn(widthPx)
  if (isListenerId(id)) {
    const among = places.find((place) => place.isListeners)
    if (among !== undefined) return { referencePanel: among.id, direction: 'within' }
    return { referencePanel: first.id, direction: places.length < columns ? 'left' : 'within' }
  }
  const others = places.filter((place) => !place.isListeners)
  if (places.length < columns || others.length === 0) return { referencePanel: last.id, direction: 'right' }
  const emptiest = others.reduce((least, place) => (place.panels < least.panels ? place : least))
  return { referencePanel: emptiest.id, direction: 'within' }
}

/**
 * Where a new pane goes that shall be seen together with the others: the first listener at the left, what follows at the right for
 * as long as there is room, then below those that came first. Where that is too much, as `placeFor` has it.
 * @param places in the order in which they came to be
 */
export function placeBeside(id: SocketId, places: readonly Place[], widthPx: number): Position | null {
  const [first] = places
  const last = places[places.length - 1]
  const columns = widthPx < ONE_COLUMN_PX ? 1 : columnsIn(widthPx)
  const most = Math.min(MOST_BESIDE, 2 * columns)
  if (first === undefined || last === undefined || places.length >= most) return placeFor(id, places, widthPx)
  if (places.length < columns) {
    const isFirstListener = isListenerId(id) && !places.some((place) => place.isListeners)
    return isFirstListener
      ? { referencePanel: first.id, direction: 'left' }
      : { referencePanel: last.id, direction: 'right' }
  }
  const above = places[places.length - columns] ?? first
  return { referencePanel: above.id, direction: 'below' }
}

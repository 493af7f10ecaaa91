import { nextTick } from 'vue'
import type { SocketId } from '@shared/model/ids'
import { kernelFields, type KernelField } from '@shared/model/kernelFields'
import type { WatchPoint } from '@shared/model/lesson'
import { plainText, type LessonPart } from '../format/lesson'
import { useKernelStore } from '../stores/kernel'
import { useLadderStore } from '../stores/ladder'
import { useLessonStore } from '../stores/lesson'
import { usePanesStore } from '../stores/panes'
import { usePointersStore, type Pointer } from '../stores/pointers'
import { useSocketsStore } from '../stores/sockets'

/** What a lesson has opened to point into it: it is put away when nothing points there any more. */
let isOwnLadder = false
const ownKernels = new Set<SocketId>()

/** Points at all that a part says where to look, and opens what is not open. */
export async function pointAfter({ points }: LessonPart): Promise<void> {
  const pointers = points.flatMap((point, index) => pointerTo(point, index + 1) ?? [])
  putAwayUnused(pointers)
  // Of several in one place the first is the one that is seen.
  for (const each of pointers.toReversed()) openFor(each)
  await nextTick()
  usePointersStore().set(pointers)
}

/** Goes to one of them once more. */
export function goToPoint(number: number): void {
  const store = usePointersStore()
  const found = store.all.find((each) => each.number === number)
  if (found === undefined) return
  openFor(found)
  store.again(number)
}

/** The marks go; what was opened for them stays until it is known what comes next. */
export function forgetPointers(): void {
  usePointersStore().set([])
  if (useLessonStore().shown === null) putAwayUnused([])
}

function pointerTo(point: WatchPoint, number: number): Pointer | null {
  const { sockets, values } = useLessonStore()
  const base = { number, turn: 0, text: plainText(point.text, values) }
  if (point.at === 'ladder') {
    const ids = point.of.flatMap((name) => sockets.get(name) ?? [])
    return ids.length === 0 ? null : { ...base, at: 'ladder', ids }
  }
  const id = sockets.get(point.of)
  if (id === undefined || !useSocketsStore().all.has(id)) return null
  if (point.at !== 'kernel') return { ...base, at: point.at, id }
  return isField(point.field) ? { ...base, at: 'kernel', id, field: point.field } : null
}

function isField(name: string): name is KernelField {
  return Object.hasOwn(kernelFields, name)
}

function openFor(pointer: Pointer): void {
  const [panes, ladder, kernel] = [usePanesStore(), useLadderStore(), useKernelStore()]
  if (pointer.at === 'ladder') {
    isOwnLadder ||= ladder.asked === null
    ladder.open(pointer.ids)
    return
  }
  const { id } = pointer
  panes.showBeside(id)
  if (pointer.at !== 'kernel' || kernel.isOpen(id)) return
  ownKernels.add(id)
  kernel.toggle(id)
}

function putAwayUnused(pointers: readonly Pointer[]): void {
  const [ladder, kernel] = [useLadderStore(), useKernelStore()]
  if (isOwnLadder && !pointers.some(({ at }) => at === 'ladder')) {
    isOwnLadder = false
    ladder.close()
  }
  for (const id of ownKernels) {
    if (pointers.some((each) => each.at === 'kernel' && each.id === id)) continue
    ownKernels.delete(id)
    if (kernel.isOpen(id)) kernel.toggle(id)
  }
}

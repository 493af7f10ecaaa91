import { onScopeDispose, watch, type Ref } from 'vue'

/** Closes what is open when the user presses Escape, or points or goes anywhere else. */
export function useDismiss(isOpen: Ref<boolean>, root: Readonly<Ref<HTMLElement | null>>): void {
  const onPointer = (event: Event): void => {
    if (event.target instanceof Node && !root.value?.contains(event.target)) isOpen.value = false
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    isOpen.value = false
    root.value?.querySelector<HTMLElement>('[aria-expanded]')?.focus()
  }
  const listen = (): void => {
    document.addEventListener('pointerdown', onPointer, true)
    document.addEventListener('focusin', onPointer, true)
    document.addEventListener('keydown', onKey, true)
  }
  const stop = (): void => {
    document.removeEventListener('pointerdown', onPointer, true)
    document.removeEventListener('focusin', onPointer, true)
    document.removeEventListener('keydown', onKey, true)
  }
  watch(isOpen, (now) => (now ? listen() : stop()))
  onScopeDispose(stop)
}

import { onScopeDispose, watch, type Ref } from 'vue'

const TAG = 'place-in-document'

/** Nothing that one sees: it tells when the element that it stands in has been put somewhere else. */
class PlaceInDocument extends HTMLElement {
  connectedCallback(): void {
    this.dispatchEvent(new Event('moved'))
  }
}
// While one develops, this file is read more than once.
if (customElements.get(TAG) === undefined) customElements.define(TAG, PlaceInDocument)

/**
 * Calls once an element, or what is around it, has been taken out of the document and put in again, as the dock does with panes that make
 * room. What scrolls is at its top then, of which the browser says nothing, or something that looks like the user's scrolling.
 * It is called before anything else is drawn or told.
 */
export function whenMoved(element: Readonly<Ref<HTMLElement | null>>, then: () => void): void {
  const place = document.createElement(TAG)
  place.hidden = true
  const tell = (): void => queueMicrotask(then)
  watch(
    element,
    (now) => {
      place.removeEventListener('moved', tell)
      place.remove()
      if (now === null) return
      now.append(place)
      place.addEventListener('moved', tell)
    },
    { immediate: true, flush: 'post' },
  )
  onScopeDispose(() => place.removeEventListener('moved', tell))
}

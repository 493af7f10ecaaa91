import { loadReference } from '../composables/useReference'
import { wordRuns } from '../format/wordRuns'
import { useReferenceStore } from '../stores/reference'

/** Shows the page of the word that is selected, or has the focus; where there is none, the search. */
export async function openReferenceHere(): Promise<void> {
  const written = wordsHere(document.activeElement, document.getSelection()?.toString() ?? '')
  const { find } = await loadReference()
  const page = written.map((each) => find(each)).find((each) => each !== null)
  useReferenceStore().open(page?.word ?? null)
}

/** A button's text is shorter; what holds a whole pane says nothing of a word. */
const MOST_TEXT = 300

/** What may be meant, the likeliest first. */
export function wordsHere(focus: Element | null, selected: string): readonly string[] {
  const words = [wordOf(focus), selected, ...(isField(focus) ? wordsOfField(focus) : [])]
  if (focus === null || focus === document.body) return words
  const row = focus.closest('label, tr, li, [role="row"]') ?? focus.querySelector('[aria-selected="true"]')
  return [
    ...words,
    ...(focus instanceof HTMLSelectElement ? [focus.value, focus.selectedOptions[0]?.text ?? ''] : []),
    focus.getAttribute('aria-label') ?? '',
    wordOf(row),
    wordOf(row?.querySelector('[data-word]')),
    ...(focus.childElementCount === 0 ? [focus.textContent] : []),
    ...wordRuns(`${focus.textContent.slice(0, MOST_TEXT)} ${row?.textContent ?? ''}`).flatMap(
      ({ text, isWord }) => (isWord ? [text] : []),
    ),
  ]
}

type Field = HTMLInputElement | HTMLTextAreaElement

function isField(element: Element | null): element is Field {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
}

/** What is selected in it, and what the caret stands in. */
function wordsOfField({ value, selectionStart, selectionEnd }: Field): readonly string[] {
  // An address is no word, and what is selected as a whole was not pointed at.
  if (selectionStart === null || selectionEnd === null || value.includes(':/')) return []
  const before = /[\w-]*$/.exec(value.slice(0, selectionStart))?.[0] ?? ''
  const after = /^[\w-]*/.exec(value.slice(selectionStart))?.[0] ?? ''
  return [value.slice(selectionStart, selectionEnd), before + after]
}

function wordOf(element: Element | null | undefined): string {
  return (element instanceof HTMLElement ? element.dataset['word'] : undefined) ?? ''
}

import { shallowRef, type ShallowRef } from 'vue'
import type * as pagesAndSearch from '@shared/reference/reference'
import { firstPaint } from './firstPaint'

export type Reference = typeof pagesAndSearch

/** Some hundred pages of text, which nothing on the first picture needs: fetched behind it, once. */
const loaded = shallowRef<Reference | null>(null)
let loading: Promise<Reference> | null = null

export function loadReference(): Promise<Reference> {
  loading ??= fetchPages()
  return loading
}

async function fetchPages(): Promise<Reference> {
  await firstPaint
  const reference = await import('@shared/reference/reference')
  loaded.value = reference
  return reference
}

/** The reference, once it is there: null until then. */
export function useReference(): Readonly<ShallowRef<Reference | null>> {
  void loadReference()
  return loaded
}

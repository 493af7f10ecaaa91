import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { DecoderName } from '@shared/wire/decode/decode'

export type DecodeChoice = 'auto' | 'none' | DecoderName

/** What each socket's bytes are decoded as, while the window is open. */
export const useDecodingStore = defineStore('decoding', () => {
  const choices = shallowRef<ReadonlyMap<string, DecodeChoice>>(new Map())
  const choiceOf = (id: string): DecodeChoice => choices.value.get(id) ?? 'auto'
  function choose(id: string, choice: DecodeChoice): void {
    choices.value = new Map(choices.value).set(id, choice)
  }
  return { choiceOf, choose }
})

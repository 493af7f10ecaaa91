import { defineStore } from 'pinia'
import { isSocketId } from '@shared/model/ids'
import { decoders, type DecoderName } from '@shared/wire/decode/decode'
import { useArrangementStore } from './arrangement'

export type DecodeChoice = 'auto' | 'none' | DecoderName

const choices: readonly DecodeChoice[] = ['auto', 'none', ...(Object.keys(decoders) as DecoderName[])]

/** What each socket's bytes are decoded as, as chosen in its pane. */
export const useDecodingStore = defineStore('decoding', () => {
  const arrangement = useArrangementStore()
  const choiceOf = (id: string): DecodeChoice =>
    (isSocketId(id) ? choices.find((each) => each === arrangement.peek(id)?.decoder) : undefined) ?? 'auto'
  function choose(id: string, choice: DecodeChoice): void {
    if (isSocketId(id)) arrangement.stateOf(id).decoder = choice
  }
  return { choiceOf, choose }
})

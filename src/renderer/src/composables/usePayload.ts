import { computed, type ComputedRef, type Ref } from 'vue'
import { MAX_PAYLOAD_BYTES } from '@shared/contract/limits'
import { fault, type Reply } from '@shared/model/fault'
import { lineEndingBytes, parseEscapes, type LineEnding } from '@shared/wire/escape'
import { parseHex } from '@shared/wire/hex'
import type { PayloadFormat } from '../stores/settings'

/**
 * What the composer's text stands for. A line ending is put after text, not after hex: hex is exact.
 * Refuses with the fault of the parser, which names the position, and with `SB_INPUT` what is too long for one send.
 */
export function payloadOf(text: string, format: PayloadFormat, ending: LineEnding): Reply<Uint8Array> {
  const parsed = format === 'hex' ? parseHex(text) : parseEscapes(text)
  if (!parsed.ok) return parsed
  const after = format === 'hex' ? new Uint8Array(0) : lineEndingBytes(ending)
  const lengthBytes = parsed.value.length + after.length
  if (lengthBytes > MAX_PAYLOAD_BYTES) {
    return {
      ok: false,
      fault: fault(
        'SB_INPUT',
        `${lengthBytes} bytes are too many for one send: at most ${MAX_PAYLOAD_BYTES}.`,
        {
          hint: 'Put them in a file and send the file.',
        },
      ),
    }
  }
  if (after.length === 0) return parsed
  const bytes = new Uint8Array(lengthBytes)
  bytes.set(parsed.value)
  bytes.set(after, parsed.value.length)
  return { ok: true, value: bytes }
}

export function usePayload(
  text: Readonly<Ref<string>>,
  format: Readonly<Ref<PayloadFormat>>,
  ending: Readonly<Ref<LineEnding>>,
): ComputedRef<Reply<Uint8Array>> {
  return computed(() => payloadOf(text.value, format.value, ending.value))
}

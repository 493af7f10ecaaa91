import { fault, type Reply } from '../model/fault'
import { isSocketId, type SocketId } from '../model/ids'
import { parsePattern } from './pattern'

/** What may differ in what a peer sends. */
export type ReplayMask =
  /** Bytes of its stream, of one recorded connection or of each: the first, and the one after the last. */
  | { readonly is: 'range'; readonly connection: SocketId | null; readonly from: number; readonly to: number }
  /** Each match of an expression over bytes; of a stream it may be of another length than the recorded one. */
  | { readonly is: 'regex'; readonly source: string; readonly flags: string }

const HINT = 'Masks are 4-11 or C1:4-11 (bytes of a stream from 0, the last one included), or /EXPRESSION/.'

/** `4-11`, `C1:4-11` or `/expression/`. Refuses with SB_INPUT what cannot be read. */
export function parseReplayMask(text: string): Reply<ReplayMask> {
  if (text.length > 2 && text.startsWith('/') && text.endsWith('/')) {
    const parsed = parsePattern({ kind: 'regex', pattern: text.slice(1, -1), matchCase: true })
    if (!parsed.ok) return parsed
    const { value } = parsed
    return value.is === 'regex' ? { ok: true, value } : refuse(text)
  }
  const [, id, first, last] = /^(?:([A-Z]\d{1,9}):)?(\d{1,15})(?:-(\d{1,15}))?$/.exec(text) ?? []
  if (first === undefined) return refuse(text)
  if (id !== undefined && !isSocketId(id)) return refuse(text)
  const from = Number(first)
  const to = Number(last ?? first) + 1
  if (to <= from) return refuse(text)
  return { ok: true, value: { is: 'range', connection: id ?? null, from, to } }
}

function refuse(text: string): Reply<never> {
  return { ok: false, fault: fault('SB_INPUT', `"${text.slice(0, 80)}" is no mask.`, { hint: HINT }) }
}

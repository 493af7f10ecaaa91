import { isSocketId, type SocketId } from './ids'
import { migrate, type Versions, type Words } from './migration'
import { replayRuleKinds, type ReplayRule } from './replay'

/** How a window is arranged, kept with its session as JSON. A newer one is not understood, and left alone. */
export const ARRANGEMENT_VERSION = 1
/** A window shows no more panes than anybody arranges; what is typed is small. */
const MAX_STATES = 500
const MAX_TEXT_LENGTH = 20_000
const MAX_RULES = 100
/** More than a kernel lets one socket join (igmp_max_memberships). */
const MAX_GROUPS = 50
/** Nested deeper than any dock. What goes far past it cannot be written as JSON again: the stack ends first. */
const MAX_DEPTH = 100

export const paneViews = ['Conversation', 'Hex', 'Text', 'Frames'] as const
export type PaneView = (typeof paneViews)[number]

export interface JoinedGroup {
  readonly group: string
  readonly networkInterface?: string
}

/** What a socket was opened with, apart from its address, and given since: its options, as the command that opens it takes them. */
export interface OpenedWith {
  readonly options?: Readonly<Record<string, unknown>>
  /** Of a UDP socket that is connected: to whom. */
  readonly peer?: string
  /** Of a UDP socket. */
  readonly groups?: readonly JoinedGroup[]
}

/** What one has set, written and noted in a socket's pane. What is not there is as at first. */
export interface PaneState {
  view?: PaneView
  filter?: string
  /** Of the composer: what is written there and not sent, and how it is meant. */
  text?: string
  format?: 'text' | 'hex'
  ending?: string
  /** Of a UDP socket: where the next datagram goes. */
  to?: string
  note?: string
  encoding?: string
  decoder?: string
  /** The kernel's view is open. */
  kernel?: boolean
  /** As settings keep it; whoever uses it looks at it first. */
  framing?: unknown
  openedWith?: OpenedWith
}

export interface Arrangement {
  readonly version: typeof ARRANGEMENT_VERSION
  /** The dock's own form. */
  readonly layout: unknown
  readonly states: Readonly<Record<SocketId, PaneState>>
  /** Sockets that were open when it was kept: accepted ones apart, which cannot be opened again. */
  readonly open: readonly SocketId[]
  /** For replays of it. */
  readonly rules: readonly ReplayRule[]
}

export const arrangementVersions: Versions = { key: 'version', present: ARRANGEMENT_VERSION, steps: {} }

/** Whether a session's text is an arrangement of a later version of this program. */
export function isLaterArrangement(text: string): boolean {
  const found = recordIn(text)
  return found !== null && migrate(found, arrangementVersions) === 'later'
}

/**
 * Takes from a session's text what has the right form: it may come from anybody. Null where it is no arrangement of this program, or
 * one of a later version.
 */
export function parseArrangement(text: string): Arrangement | null {
  const kept = recordIn(text)
  const found = kept === null ? null : migrate(kept, arrangementVersions)
  if (found === null || found === 'later') return null
  const states: Record<SocketId, PaneState> = {}
  if (isRecord(found['states'])) {
    for (const [id, state] of Object.entries(found['states']).slice(0, MAX_STATES))
      if (isSocketId(id) && isRecord(state)) states[id] = stateIn(state)
  }
  const open = Array.isArray(found['open']) ? found['open'] : []
  return {
    version: ARRANGEMENT_VERSION,
    layout: isRecord(found['layout']) ? found['layout'] : null,
    states,
    open: open.filter((id): id is SocketId => typeof id === 'string' && isSocketId(id)).slice(0, MAX_STATES),
    rules: Array.isArray(found['rules']) ? found['rules'].flatMap(ruleIn).slice(0, MAX_RULES) : [],
  }
}

/**
 * The arrangement as text of at most so many characters: where it is too long, what was not shown last goes first.
 * @param shown sockets whose panes are open
 */
export function arrangementText(
  { layout, states, open, rules }: Omit<Arrangement, 'version'>,
  shown: ReadonlySet<SocketId>,
  maxLength: number,
): string | null {
  const entries = Object.entries(states) as [SocketId, PaneState][]
  const ranked = entries
    .filter(([, state]) => Object.keys(state).length > 0)
    .toSorted(([one], [other]) => Number(shown.has(other)) - Number(shown.has(one)))
  for (let count = ranked.length; ; count = Math.floor(count / 2)) {
    const text = JSON.stringify({
      version: ARRANGEMENT_VERSION,
      layout,
      states: Object.fromEntries(ranked.slice(0, count)),
      open: open.slice(0, MAX_STATES),
      ...(rules.length > 0 ? { rules: rules.slice(0, MAX_RULES) } : {}),
    })
    if (text.length <= maxLength) return text
    if (count === 0) return null
  }
}

function stateIn(found: Record<string, unknown>): PaneState {
  const state: PaneState = {}
  const view = paneViews.find((each) => each === found['view'])
  if (view !== undefined) state.view = view
  for (const key of ['filter', 'text', 'ending', 'to', 'note', 'encoding', 'decoder'] as const) {
    const value = found[key]
    if (isShort(value)) state[key] = value
  }
  if (found['kernel'] === true) state.kernel = true
  if (found['format'] === 'text' || found['format'] === 'hex') state.format = found['format']
  if (isRecord(found['framing'])) state.framing = found['framing']
  const opened = found['openedWith']
  if (isRecord(opened)) {
    const { options, peer, groups } = opened
    state.openedWith = {
      ...(isRecord(options) ? { options } : {}),
      ...(isShort(peer) ? { peer } : {}),
      ...(Array.isArray(groups) ? { groups: groups.flatMap(groupIn).slice(0, MAX_GROUPS) } : {}),
    }
  }
  return state
}

function groupIn(found: unknown): JoinedGroup[] {
  if (!isRecord(found)) return []
  const { group, networkInterface } = found
  if (!isShort(group)) return []
  return [{ group, ...(isShort(networkInterface) ? { networkInterface } : {}) }]
}

function isShort(found: unknown): found is string {
  return typeof found === 'string' && found.length <= MAX_TEXT_LENGTH
}

function ruleIn(found: unknown): ReplayRule[] {
  if (!isRecord(found)) return []
  const { text } = found
  const kind = replayRuleKinds.find((each) => each === found['kind'])
  return kind !== undefined && isShort(text) ? [{ kind, text }] : []
}

function recordIn(text: string): Words | null {
  if (isDeep(text)) return null
  try {
    const found: unknown = JSON.parse(text)
    return isRecord(found) ? found : null
  } catch {
    // Damaged, or none of ours: without it the window begins as an empty one does.
    return null
  }
}

function isDeep(text: string): boolean {
  let depth = 0
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') depth++
    else if (token === ']' || token === '}') depth--
    if (depth > MAX_DEPTH) return true
  }
  return false
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

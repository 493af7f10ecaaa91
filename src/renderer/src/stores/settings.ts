import { defineStore } from 'pinia'
import { reactive, watch } from 'vue'
import type { SecondDigits } from '@shared/model/units'
import { encodings, type Encoding } from '@shared/wire/encodings'
import type { Framing } from '@shared/model/framing'
import { host } from '../bridge/bridge'
import { draftOf, isFraming, parseFraming } from '@shared/wire/framing/parseFraming'
import { useProblemsStore } from './problems'

export type Theme = 'system' | 'dark' | 'light'
export type TimeMode = 'elapsed' | 'delta' | 'clock'
export type Preview = 'text' | 'hex'
export type PayloadFormat = 'text' | 'hex'
/** Histories are kept apart by what the payload goes to: what one sends over UDP is seldom what one sends to a TCP server. */
export type HistoryKind = 'stream' | 'datagram' | 'broadcast'

export interface HistoryEntry {
  readonly text: string
  readonly format: PayloadFormat
}

/** What is remembered between starts. One small JSON value under one key of the host's settings. */
export interface Settings {
  theme: Theme
  timeMode: TimeMode
  timeDigits: SecondDigits
  preview: Preview
  /** How bytes are read as text where nothing else has been chosen. */
  encoding: Encoding
  wrapsText: boolean
  showsControls: boolean
  treeWidth: number
  ladderWidth: number
  lessonWidth: number
  programWidth: number
  /** The list of sockets stands between a lesson and its panes. */
  lessonHasList: boolean
  /** When each lesson was last done to its end, in ms since 1970. */
  lessonsDone: Readonly<Record<string, number>>
  /** The one chosen last, for sockets that have none of their own. */
  framing: Framing
  addresses: readonly string[]
  filters: readonly string[]
  payloads: Record<HistoryKind, readonly HistoryEntry[]>
}

const KEY = 'window'
const MAX_ADDRESSES = 20
const MAX_PAYLOADS = 50
const MAX_FILTERS = 20
const MAX_LESSONS_DONE = 500
/** Longer payloads are not remembered: the settings are for small things. */
const MAX_REMEMBERED_LENGTH = 2000

const defaults = (): Settings => ({
  theme: 'system',
  timeMode: 'elapsed',
  timeDigits: 6,
  preview: 'text',
  encoding: 'utf-8',
  wrapsText: true,
  showsControls: false,
  treeWidth: 264,
  ladderWidth: 640,
  lessonWidth: 460,
  programWidth: 560,
  lessonHasList: false,
  lessonsDone: {},
  framing: { kind: 'line' },
  addresses: [],
  filters: [],
  payloads: { stream: [], datagram: [], broadcast: [] },
})

export const useSettingsStore = defineStore('settings', () => {
  const values = reactive(defaults())
  /** As it was written last, here or by another window. */
  let written = ''
  let saving: ReturnType<typeof setTimeout> | undefined

  /** Reads what was remembered; from then on changes are written, a moment after the last of them. */
  async function load(): Promise<void> {
    const reply = await host('settings.read', { key: KEY })
    if (!reply.ok) useProblemsStore().arose(null, reply.fault)
    else if (reply.value !== null) Object.assign(values, readSettings(reply.value))
    watch(values, save, { deep: true })
  }

  /** What another window has written holds here too. */
  function adopt({ key, json }: { readonly key: string; readonly json: string }): void {
    if (key !== KEY) return
    Object.assign(values, readSettings(json))
    written = JSON.stringify(values)
  }

  function save(): void {
    clearTimeout(saving)
    saving = setTimeout(() => {
      const json = JSON.stringify(values)
      if (json === written) return
      written = json
      void host('settings.write', { key: KEY, json }).then((reply) => {
        if (!reply.ok) useProblemsStore().arose(null, reply.fault)
      })
    }, 300)
  }

  function rememberAddress(address: string): void {
    values.addresses = [address, ...values.addresses.filter((each) => each !== address)].slice(
      0,
      MAX_ADDRESSES,
    )
  }

  function rememberFilter(line: string): void {
    const filter = line.trim()
    if (filter === '' || filter.length > MAX_REMEMBERED_LENGTH) return
    values.filters = [filter, ...values.filters.filter((each) => each !== filter)].slice(0, MAX_FILTERS)
  }

  function rememberPayload(kind: HistoryKind, entry: HistoryEntry): void {
    if (entry.text === '' || entry.text.length > MAX_REMEMBERED_LENGTH) return
    const others = values.payloads[kind].filter(
      (each) => each.text !== entry.text || each.format !== entry.format,
    )
    values.payloads[kind] = [...others, entry].slice(-MAX_PAYLOADS)
  }

  function rememberLesson(key: string): void {
    const { [key]: _before, ...others } = values.lessonsDone
    values.lessonsDone = { ...others, [key]: Date.now() }
  }

  return { values, load, adopt, rememberLesson, rememberAddress, rememberFilter, rememberPayload }
})

/** Takes from stored JSON what has the right form, and the defaults for the rest: an older or damaged file must not matter. */
export function readSettings(json: string): Settings {
  const settings = defaults()
  let stored: unknown
  try {
    stored = JSON.parse(json)
  } catch {
    // Settings are a convenience: what cannot be read is as good as never written.
    return settings
  }
  if (!isRecord(stored)) return settings
  settings.theme = oneOf(stored.theme, ['system', 'dark', 'light'], settings.theme)
  settings.timeMode = oneOf(stored.timeMode, ['elapsed', 'delta', 'clock'], settings.timeMode)
  settings.timeDigits = stored.timeDigits === 9 ? 9 : 6
  settings.preview = oneOf(stored.preview, ['text', 'hex'], settings.preview)
  settings.encoding = oneOf(stored.encoding, encodings, settings.encoding)
  settings.wrapsText = stored.wrapsText !== false
  settings.showsControls = stored.showsControls === true
  if (typeof stored.treeWidth === 'number' && stored.treeWidth >= 160 && stored.treeWidth <= 640) {
    settings.treeWidth = stored.treeWidth
  }
  if (typeof stored.ladderWidth === 'number' && stored.ladderWidth >= 360 && stored.ladderWidth <= 2400) {
    settings.ladderWidth = stored.ladderWidth
  }
  if (typeof stored.programWidth === 'number' && stored.programWidth >= 360 && stored.programWidth <= 1600) {
    settings.programWidth = stored.programWidth
  }
  if (typeof stored.lessonWidth === 'number' && stored.lessonWidth >= 320 && stored.lessonWidth <= 900) {
    settings.lessonWidth = stored.lessonWidth
  }
  settings.lessonHasList = stored.lessonHasList === true
  if (isRecord(stored.lessonsDone)) {
    const done = Object.entries(stored.lessonsDone).filter(isMoment)
    settings.lessonsDone = Object.fromEntries(done.slice(-MAX_LESSONS_DONE))
  }
  if (isFraming(stored.framing)) {
    // Through the form, so that nothing comes along that does not belong to it.
    const framing = parseFraming(draftOf(stored.framing))
    if (framing.ok) settings.framing = framing.value
  }
  if (Array.isArray(stored.addresses)) {
    settings.addresses = stored.addresses.filter((each) => typeof each === 'string').slice(0, MAX_ADDRESSES)
  }
  if (Array.isArray(stored.filters)) {
    settings.filters = stored.filters.filter((each) => typeof each === 'string').slice(0, MAX_FILTERS)
  }
  if (isRecord(stored.payloads)) {
    for (const kind of ['stream', 'datagram', 'broadcast'] as const) {
      const list = stored.payloads[kind]
      if (Array.isArray(list)) settings.payloads[kind] = list.filter(isHistoryEntry).slice(-MAX_PAYLOADS)
    }
  }
  return settings
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isMoment(entry: readonly [string, unknown]): entry is [string, number] {
  return typeof entry[1] === 'number' && Number.isFinite(entry[1])
}

function isHistoryEntry(value: unknown): value is HistoryEntry {
  return (
    isRecord(value) && typeof value.text === 'string' && (value.format === 'text' || value.format === 'hex')
  )
}

function oneOf<T extends string>(value: unknown, choices: readonly T[], otherwise: T): T {
  return choices.find((each) => each === value) ?? otherwise
}

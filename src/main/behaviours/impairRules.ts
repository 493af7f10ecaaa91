import { fault, type Reply } from '../../shared/model/fault'
import { parseDuration } from '../../shared/wire/duration'

/** Which datagrams a rule is about: every nth, or some at random. */
export type Which =
  { readonly kind: 'every'; readonly nth: number } | { readonly kind: 'random'; readonly share: number }

/** Which way a datagram goes: to whom the socket passes on, or as an answer back to who sent. */
export type Way = 'there' | 'back'

export interface ImpairRules {
  readonly lose: Which | null
  readonly duplicate: Which | null
  readonly reorder: Which | null
  readonly delay: { readonly ms: number; readonly which: Which } | null
  readonly seed: number
  readonly ways: readonly Way[]
}

/** What becomes of one datagram. */
export interface Fate {
  readonly isLost: boolean
  readonly isTwice: boolean
  /** It goes after the one that comes next. */
  readonly isOvertaken: boolean
  readonly delayMs: number
}

const ALL: Which = { kind: 'every', nth: 1 }
const MOST_DELAY_MS = 60_000
const MOST_SEED = 2 ** 32 - 1

const waysOf: Readonly<Record<string, readonly Way[]>> = {
  there: ['there'],
  back: ['back'],
  both: ['there', 'back'],
}

const WHICH = '1/N for every Nth, or a share such as 10%'
/** What each rule takes, as refusals and the field's help tell it. */
export const impairRuleForms = [
  ...['lose=1/N', 'duplicate=1/N', 'reorder=1/N', 'delay=TIME', 'delay=TIME@1/N'],
  ...['way=there|back|both', 'seed=NUMBER'],
] as const

/** `lose=1/3 duplicate=10% delay=50ms@1/4 seed=7`, by words. */
export function parseImpairRules(words: readonly string[]): Reply<ImpairRules> {
  let rules: ImpairRules = {
    ...{ lose: null, duplicate: null, reorder: null, delay: null, seed: 1 },
    ways: ['there'],
  }
  const seen = new Set<string>()
  for (const word of words) {
    const cut = word.indexOf('=')
    const [name, value] = cut < 0 ? [word, ''] : [word.slice(0, cut), word.slice(cut + 1)]
    if (seen.has(name)) return bad(`${name} is told twice.`, 'Keep one of the two.')
    seen.add(name)
    const read = parseRule(name, value)
    if (!read.ok) return read
    rules = { ...rules, ...read.value }
  }
  return { ok: true, value: rules }
}

function parseRule(name: string, value: string): Reply<Partial<ImpairRules>> {
  switch (name) {
    case 'lose':
    case 'duplicate':
    case 'reorder': {
      const which = parseWhich(value)
      return which === null ? wrong(name, value, WHICH) : { ok: true, value: { [name]: which } }
    }
    case 'delay': {
      const [time = '', ...rest] = value.split('@')
      const ms = parseDuration(time)
      const which = rest.length === 0 ? ALL : parseWhich(rest.join('@'))
      return ms === null || ms > MOST_DELAY_MS || which === null
        ? wrong(name, value, `a time up to 1m, such as 50ms; behind it perhaps @ and which: 50ms@1/3`)
        : { ok: true, value: { delay: { ms, which } } }
    }
    case 'way': {
      const ways = Object.hasOwn(waysOf, value) ? waysOf[value] : undefined
      return ways === undefined ? wrong(name, value, 'there, back or both') : { ok: true, value: { ways } }
    }
    case 'seed':
      return /^\d{1,10}$/.test(value) && Number(value) <= MOST_SEED
        ? { ok: true, value: { seed: Number(value) } }
        : wrong(name, value, `a whole number from 0 to ${MOST_SEED}`)
    default:
      return bad(`impair has no rule "${name}".`, `There are: ${impairRuleForms.join(', ')}.`)
  }
}

function parseWhich(text: string): Which | null {
  const every = /^1\/(\d{1,9})$/.exec(text)
  if (every !== null && Number(every[1]) > 0) return { kind: 'every', nth: Number(every[1]) }
  const random = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text)
  const share = Number(random?.[1]) / 100
  return share > 0 && share <= 1 ? { kind: 'random', share } : null
}

const wrong = (name: string, value: string, expected: string): Reply<never> =>
  bad(`impair: ${name} is "${value}".`, `It takes ${expected}.`)

function bad(summary: string, hint: string): Reply<never> {
  return { ok: false, fault: fault('SB_INPUT', summary, { hint }) }
}

/**
 * What becomes of each datagram of one way of one caller, in the order they come: the same every time, also where it is
 * at random. Each rule counts all of them, and draws for itself: one rule more changes nothing about what the others do.
 */
export function fatesOf(rules: ImpairRules): () => Fate {
  const [lose, duplicate, reorder, delay] = [
    rules.lose,
    rules.duplicate,
    rules.reorder,
    rules.delay?.which ?? null,
  ].map((which, at) => hits(which, rules.seed + at * 0x9e3779b9)) as [Hits, Hits, Hits, Hits]
  return () => ({
    isLost: lose(),
    isTwice: duplicate(),
    isOvertaken: reorder(),
    delayMs: delay() ? (rules.delay?.ms ?? 0) : 0,
  })
}

/** Asked once for each datagram. */
type Hits = () => boolean

function hits(which: Which | null, seed: number): Hits {
  if (which === null) return () => false
  if (which.kind === 'random') {
    const draw = drawing(seed)
    return () => draw() < which.share
  }
  let count = 0
  return () => ++count % which.nth === 0
}

/** Numbers from 0 to 1 that look random, and are the same for the same seed (mulberry32, by Tommy Ettinger, public domain). */
function drawing(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

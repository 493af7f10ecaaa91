import { type Fault } from '../model/fault'
import { type ReplayAsked, type ReplayRule } from '../model/replay'
import { parseReplayMask } from './replayMask'
import { parseSendRules } from './replayRules'

interface Rules {
  masks: string[]
  captures: string[]
  sets: string[]
}

/** The rules, kind by kind. What is empty is none. */
export function rulesAsked(rules: readonly ReplayRule[]): Rules {
  const of = (kind: ReplayRule['kind']): string[] =>
    rules.filter((rule) => rule.kind === kind && rule.text.trim() !== '').map(({ text }) => text.trim())
  return { masks: of('mask'), captures: of('capture'), sets: of('set') }
}

/** What is wrong with each rule; null where nothing is. */
export function ruleFaults(rules: readonly ReplayRule[]): (Fault | null)[] {
  const { captures } = rulesAsked(rules)
  return rules.map(({ kind, text }, at) => {
    const written = text.trim()
    if (written === '') return null
    if (kind === 'mask') return faultIn(parseReplayMask(written))
    // A capture that is wrong is told at its own place: of the others its name is enough.
    const before = kind === 'set' ? captures : rulesAsked(rules.slice(0, at)).captures
    const names = [...new Set(before.map(nameIn))]
    const others = names.map((name) => `${name}=/./`).filter((each) => parseSendRules([each], []).ok)
    return faultIn(
      kind === 'set' ? parseSendRules(others, [written]) : parseSendRules([...others, written], []),
    )
  })
}

/**
 * The same replay for a POSIX shell.
 * @param file the session
 */
export function replayCommandLine(file: string, asked: ReplayAsked): string {
  const { role, url, speed, wait, ids } = asked
  const words = ['switchboard', 'replay', shellWord(file), '--as', role]
  const put = (option: string, values: readonly string[] = []): void => {
    for (const value of values) words.push(option, shellWord(value))
  }
  if (url !== null) put(role === 'server' ? '--listen' : '--target', [url])
  if (speed !== 1) put('--speed', [String(speed)])
  if (wait !== 'peer') put('--wait', [wait])
  put('--connection', ids ?? [])
  put('--mask', asked.masks)
  put('--capture', asked.captures)
  put('--set', asked.sets)
  return words.join(' ')
}

/** As one word of a POSIX shell. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

const nameIn = (capture: string): string => capture.split('=', 1)[0] ?? ''

function faultIn(reply: { readonly ok: true } | { readonly ok: false; readonly fault: Fault }): Fault | null {
  return reply.ok ? null : reply.fault
}

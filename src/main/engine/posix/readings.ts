import { type OptionReading } from '../../../shared/model/options'
import {
  type OptionName,
  optionsOf,
  type OptionValue,
  socketOptions,
  type SocketKind,
} from '../../../shared/model/socketOptions'
import { calls } from './calls'
import { numbers } from './numbers'
import { refused } from './optionRefusals'
import { readOption, writeOption } from './optionValues'

/** One option to set: `asked` in the option's own unit, as setsockopt(2) takes it. */
export interface Wish {
  readonly option: OptionName
  readonly asked: OptionValue
  /** Node's own call for it, used where setsockopt cannot be reached. */
  readonly byNode?: (() => void) | undefined
  /** Said beside the value, for example that a time was rounded. */
  readonly note?: string | undefined
}

const UNREADABLE = 'This build cannot read options back from the kernel on this system.'

/** Sets one option and reads it back. What the kernel refused or changed is in the note. */
export function fulfil(descriptor: number, wish: Wish): OptionReading {
  if (calls() === null) return { name: wish.option, value: null, asked: wish.asked, note: setByNode(wish) }
  const refusal = writeOption(descriptor, wish.option, wish.asked)
  const reading = read(descriptor, wish.option)
  const note = refusal === null ? (wish.note ?? explain(reading, wish.asked)) : refused(wish.option, refusal)
  return { ...reading, asked: wish.asked, ...(note === undefined ? {} : { note }) }
}

function setByNode(wish: Wish): string {
  if (wish.byNode === undefined) return 'This build cannot set this option on this system.'
  try {
    wish.byNode()
    return UNREADABLE
  } catch (error) {
    return `The kernel refused it: ${error instanceof Error ? error.message : String(error)}.`
  }
}

/** One option as the kernel has it now. */
export function read(descriptor: number, option: OptionName): OptionReading {
  const found = readOption(descriptor, option)
  if (found === null) return { name: option, value: null, note: UNREADABLE }
  return typeof found === 'object' && 'errno' in found
    ? { name: option, value: null, note: `It cannot be read: ${found.errno}.` }
    : { name: option, value: found }
}

function explain(reading: OptionReading, asked: OptionValue): string | undefined {
  if (reading.value === asked || typeof asked !== 'number' || typeof reading.value !== 'number')
    return undefined
  const isBuffer = reading.name === 'SO_RCVBUF' || reading.name === 'SO_SNDBUF'
  if (!isBuffer || process.platform !== 'linux') return 'The kernel chose another value.'
  if (reading.value === 2 * asked)
    return 'Linux doubles what was asked, to have room for its own bookkeeping (socket(7)).'
  const limit = reading.name === 'SO_RCVBUF' ? 'net.core.rmem_max' : 'net.core.wmem_max'
  return reading.value > asked
    ? 'Linux has a smallest size for this buffer (socket(7)).'
    : `Linux doubles what was asked, up to its limit ${limit} (socket(7)).`
}

/** Newer readings replace older ones of the same name. */
export function merge(
  older: readonly OptionReading[],
  newer: readonly OptionReading[],
): readonly OptionReading[] {
  const names = new Set(newer.map((each) => each.name))
  return [...older.filter((each) => !names.has(each.name)), ...newer]
}

/** All options of a live socket as the kernel has them now, each with what was last asked for it and with what a fresh one has. */
export function readAll(
  descriptor: number,
  kind: SocketKind,
  family: 4 | 6 | null,
  known: readonly OptionReading[],
): readonly OptionReading[] {
  if (calls() === null) return known
  const standards = standardsOf(kind, family)
  const own = optionsOf(kind, family)
  const readings = own.flatMap((name): OptionReading[] => {
    if (socketOptions[name].isClearedByReading) return []
    const before = known.find((each) => each.name === name)
    const found = readOption(descriptor, name)
    // What this kernel does not know is no option here.
    if (isMissing(found) && before === undefined) return []
    const standard = standards.get(name)
    const now = { ...read(descriptor, name), ...(standard === undefined ? {} : { standard }) }
    if (before?.asked === undefined) return [now]
    const note = now.note ?? before.note
    return [{ ...now, asked: before.asked, ...(note === undefined ? {} : { note }) }]
  })
  // What was asked of a socket that does not have it stays told.
  return [...readings, ...known.filter(({ name }) => !(own as readonly string[]).includes(name))]
}

function isMissing(found: ReturnType<typeof readOption>): boolean {
  return (
    typeof found === 'object' &&
    found !== null &&
    'errno' in found &&
    (found.errno === 'ENOPROTOOPT' || found.errno === 'EOPNOTSUPP')
  )
}

const fresh = new Map<string, ReadonlyMap<OptionName, OptionValue>>()

/** What a socket has that was just made: asked once of one that is closed again. */
function standardsOf(kind: SocketKind, family: 4 | 6 | null): ReadonlyMap<OptionName, OptionValue> {
  const key = `${kind} ${family}`
  const found = fresh.get(key) ?? askFresh(kind, family)
  fresh.set(key, found)
  return found
}

function askFresh(kind: SocketKind, family: 4 | 6 | null): ReadonlyMap<OptionName, OptionValue> {
  const posix = calls()
  // A raw socket needs a privilege, and a protocol.
  if (posix === null || numbers === null || kind === 'raw') return new Map()
  const { families, types } = numbers
  const domain = family === null ? families.AF_UNIX : family === 6 ? families.AF_INET6 : families.AF_INET
  const fd = posix.socket(domain, kind === 'udp' ? types.SOCK_DGRAM : types.SOCK_STREAM, 0)
  if (fd < 0) return new Map()
  const values = optionsOf(kind, family).flatMap((name): [OptionName, OptionValue][] => {
    // What only tells of this one socket is nobody's standard.
    if (socketOptions[name].when === 'never' || socketOptions[name].isClearedByReading) return []
    const value = readOption(fd, name)
    return value === null || (typeof value === 'object' && 'errno' in value) ? [] : [[name, value]]
  })
  posix.close(fd)
  return new Map(values)
}

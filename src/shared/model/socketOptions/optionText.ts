import { fault, type Reply } from '../fault'
import { type OptionName, socketOptions } from '../socketOptions'
import { type Linger, type OptionSpec, type OptionValue } from './spec'

/** A value as it is shown, and as `parseOptionValue` reads it again: `on`, `65536`, `5 s`, `eth0`. */
export function formatOptionValue(name: OptionName, value: OptionValue): string {
  const { form, unit } = socketOptions[name]
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'string') return value === '' ? 'none' : value
  if (typeof value === 'number') {
    if (form === 'timeval') return value === 0 ? 'none' : `${value} s`
    return unit === 'seconds' ? `${value} s` : unit === 'milliseconds' ? `${value} ms` : String(value)
  }
  return plainOptionValue(value)
}

/** A value in a line of a record, of an option that this program may not know. */
export function plainOptionValue(value: OptionValue): string {
  if (typeof value !== 'object') return String(value)
  if ('isOn' in value) return value.isOn ? `${value.seconds} s` : 'off'
  return `pid ${value.pid}, uid ${value.uid}, gid ${value.gid}`
}

/** What the value is called in the manual, where it has a name. */
export function nameOfValue(name: OptionName, value: OptionValue): string | undefined {
  return typeof value === 'number' ? socketOptions[name].values?.[value] : undefined
}

/** Reads what `formatOptionValue` writes, and what is plainly meant by the same; the kernel may still refuse it. */
export function parseOptionValue(name: OptionName, text: string): Reply<OptionValue> {
  const value = read(socketOptions[name], text.trim())
  if (value !== null) return { ok: true, value }
  return {
    ok: false,
    fault: fault('SB_INPUT', `"${text.trim()}" is no value of ${name}: it takes ${expected(name)}.`),
  }
}

/** Whether a value, which may come from anybody, is of the form that an option has. */
export function fitsOption(name: OptionName, value: unknown): value is OptionValue {
  const spec = socketOptions[name]
  if (spec.when === 'never') return false
  if (spec.form === 'flag') return typeof value === 'boolean'
  if (typeof value === 'boolean') return false
  if (typeof value === 'object' && value !== null) {
    const { isOn, seconds } = value as Partial<Linger>
    return (
      spec.form === 'linger' &&
      typeof isOn === 'boolean' &&
      Number.isInteger(seconds) &&
      read(spec, `${seconds}`) !== null
    )
  }
  // Numbers are read as they are written: within their range.
  return (
    (typeof value === 'number' || typeof value === 'string') &&
    read(spec, String(value)) !== null &&
    isText(spec) === (typeof value === 'string')
  )
}

const isText = ({ form }: OptionSpec): boolean => form === 'text' || form === 'ipv4'

/** What an option takes, as the end of a sentence. */
export function expected(name: OptionName): string {
  const { form, range, unit, values } = socketOptions[name]
  switch (form) {
    case 'flag':
      return 'on or off'
    case 'linger':
      return 'off, or a number of seconds (0 s sends RST)'
    case 'timeval':
      return 'none, or a number of seconds'
    case 'ipv4':
      return 'an IPv4 address'
    case 'text':
      return 'a name, or nothing'
    case 'credentials':
      return 'nothing: it is only read'
    case 'integer':
    case 'unsigned': {
      if (values !== undefined && unit === undefined) return Object.values(values).join(', ')
      const what = unit === undefined ? 'a whole number' : `a whole number of ${unit}`
      return range === undefined ? what : `${what} from ${range[0]} to ${range[1]}`
    }
  }
}

function read({ form, range, values }: OptionSpec, text: string): OptionValue | null {
  switch (form) {
    case 'flag':
      return /^(on|true|yes|1)$/i.test(text) ? true : /^(off|false|no|0)$/i.test(text) ? false : null
    case 'linger': {
      if (/^off$/i.test(text)) return { isOn: false, seconds: 0 }
      const seconds = whole(text, 's')
      return seconds !== null && seconds >= 0 && seconds <= 65_535 ? { isOn: true, seconds } : null
    }
    case 'timeval': {
      if (/^(none|off)$/i.test(text)) return 0
      const found = /^(\d+(?:\.\d{1,6})?)\s*s?$/.exec(text)
      return found === null ? null : Number(found[1])
    }
    case 'ipv4': {
      const parts = text.split('.')
      return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)
        ? text
        : null
    }
    case 'text':
      return /^none$/i.test(text) ? '' : /^[\x21-\x7e]*$/.test(text) && text.length < 64 ? text : null
    case 'credentials':
      return null
    case 'integer':
    case 'unsigned': {
      const named = Object.entries(values ?? {}).find(([, word]) => word.toLowerCase() === text.toLowerCase())
      const value = named === undefined ? whole(text, '(?:s|ms)') : Number(named[0])
      if (value === null) return null
      const [least, most] = range ?? [
        form === 'unsigned' ? 0 : -(2 ** 31),
        form === 'unsigned' ? 2 ** 53 : 2 ** 31 - 1,
      ]
      return value >= least && value <= most ? value : null
    }
  }
}

function whole(text: string, unit: string): number | null {
  const found = new RegExp(`^(-?\\d{1,16}|0x[\\da-f]{1,8})\\s*${unit}?$`, 'i').exec(text)
  return found === null ? null : Number(found[1])
}

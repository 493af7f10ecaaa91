import { type BenchAct } from '../../../shared/model/bench'
import { type OptionName, type OptionValue, socketOptions } from '../../../shared/model/socketOptions'
import { errnoName } from '../posix/calls'
import { numbersOf } from '../posix/optionNumbers'
import { decodeOption } from '../posix/optionValues'
import { type Outcome } from './callerMessages'
import { type TracedCalls } from './tracedCalls'

/** The longest value that an option has. */
const MAX_VALUE_BYTES = 64
/** What is no option of this system: the kernel is asked all the same, and says so. */
const UNKNOWN = [0, 0x7fff] as const

/** setsockopt(2) and getsockopt(2): a number as four bytes, as Python does it, and structures as their bytes. */
export function optionCall(
  traced: TracedCalls,
  fd: number,
  act: Extract<BenchAct, { call: 'setsockopt' | 'getsockopt' }>,
): Outcome {
  const { option } = act
  const numbers = (isOptionName(option) ? numbersOf(option) : null) ?? UNKNOWN
  const names = [levelName(option), option] as const
  if (act.call === 'setsockopt') {
    const bytes = typeof act.value === 'number' ? new Uint8Array(Int32Array.of(act.value).buffer) : act.value
    const returned = traced.setsockopt(fd, names, numbers, bytes, shown(option, bytes))
    return returned < 0 ? failed(returned, 'setsockopt') : { kind: 'value' }
  }
  const isNumber = hasNumber(option)
  const into = new Uint8Array(isNumber ? 4 : MAX_VALUE_BYTES)
  const returned = traced.getsockopt(fd, names, numbers, into, (length) =>
    shown(option, into.subarray(0, length)),
  )
  if (returned < 0) return failed(returned, 'getsockopt')
  return isNumber
    ? { kind: 'value', number: new Int32Array(into.buffer)[0] ?? 0 }
    : { kind: 'value', bytes: into.slice(0, returned) }
}

function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(socketOptions, name)
}

/** Whether Python gives an option as a number; structures it gives as bytes. */
function hasNumber(option: string): boolean {
  if (!isOptionName(option)) return true
  const { form } = socketOptions[option]
  return form === 'flag' || form === 'integer' || form === 'unsigned'
}

function levelName(option: string): string {
  if (option.startsWith('SO_')) return 'SOL_SOCKET'
  return `SOL_${option.slice(0, option.indexOf('_'))}`
}

/** As strace prints it, as far as it knows more than a number. */
function shown(option: string, bytes: Uint8Array): string {
  if (!isOptionName(option) || bytes.length === 0) return '[]'
  const value: OptionValue = decodeOption(option, bytes)
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return `[${Number(value)}]`
    case 'string':
      return `"${value}\\0"`
    default:
      return 'isOn' in value
        ? `{l_onoff=${Number(value.isOn)}, l_linger=${value.seconds}}`
        : `{pid=${value.pid}, uid=${value.uid}, gid=${value.gid}}`
  }
}

function failed(returned: number, call: string): Outcome {
  return { kind: 'failed', errno: errnoName(returned), call }
}

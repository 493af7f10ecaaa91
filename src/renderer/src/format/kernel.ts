import { formatKernelTime, tcpStateName, timerName, UNLIMITED } from '@shared/model/kernel'
import { kernelFields, type KernelField, type KernelUnit } from '@shared/model/kernelFields'
import { formatBytes, formatCount } from '@shared/model/units'
import { formatRate } from './time'

/** tcp_ca_state of include/net/tcp.h. */
const caStates = ['Open', 'Disorder', 'CWR', 'Recovery', 'Loss']
/** TCPI_OPT_… of <linux/tcp.h>. */
const optionBits = [
  'timestamps',
  'SACK',
  'window scale',
  'ECN',
  'ECN seen',
  'SYN data',
  'usec timestamps',
  'TFO child',
]

/** A field's value as it is shown, exact where that can be read: `1,048,576`, `0.213 ms`, `ESTABLISHED`. */
export function formatField(field: KernelField, value: number): string {
  // It is 2^31 - 1 as long as slow start has not ended.
  if (field === 'sndSsthresh' && value === 0x7fff_ffff) return 'none yet'
  return formatUnit(kernelFields[field].unit, value)
}

export function formatUnit(unit: KernelUnit, value: number): string {
  switch (unit) {
    case 'bytes':
      return `${formatCount(value)} B`
    case 'segments':
      return `${formatCount(value)} seg`
    case 'micros':
    case 'millis':
      return formatKernelTime(value, unit)
    case 'bytesPerSecond':
      return value === UNLIMITED ? 'unlimited' : formatRate(value) || '0'
    case 'flag':
      return value === 0 ? 'no' : 'yes'
    case 'bits':
      return optionBits.filter((_, bit) => value & (1 << bit)).join(', ') || '–'
    case 'state':
      return tcpStateName(value)
    case 'caState':
      return caStates[value] ?? String(value)
    case 'timer':
      return timerName(value)
    case 'shift':
    case 'id':
      return String(value)
    case 'count':
      return formatCount(value)
  }
}

/** For an axis: short. */
export function formatTick(unit: KernelUnit | 'part', value: number): string {
  switch (unit) {
    case 'part':
      return `${Math.round(value * 100)} %`
    case 'bytes':
      return formatBytes(Math.round(value))
    case 'micros':
      return formatKernelTime(value, unit)
    case 'bytesPerSecond':
      return formatRate(value) || '0'
    default:
      return Number.isInteger(value) ? formatCount(value) : value.toFixed(1)
  }
}

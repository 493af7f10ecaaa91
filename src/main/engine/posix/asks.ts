import { type OptionReading } from '../../../shared/model/options'
import { type OptionName, socketOptions } from '../../../shared/model/socketOptions'
import { type Ask } from '../../../shared/model/socketOptions/asks'
import { fulfil } from './readings'

/** Node's own calls for options, used where setsockopt cannot be reached. */
export type NodeCalls = Readonly<Partial<Record<OptionName, () => void>>>

/** Sets each of them and reads it back. */
export function fulfilAll(
  fd: number,
  asks: readonly Ask[],
  byNode: NodeCalls = {},
): readonly OptionReading[] {
  return asks.map(({ name, value, note, isForeign }) =>
    isForeign
      ? { name, value: null, asked: value, note: 'A socket of this kind does not have this option.' }
      : fulfil(fd, { option: name, asked: value, note, byNode: byNode[name] }),
  )
}

/** Whether some of them say nothing, or less, on a socket that Node has bound or connected already. */
export function areEarly(asks: readonly Ask[]): boolean {
  return asks.some(({ name, isForeign }) => !isForeign && socketOptions[name].when !== 'anyTime')
}

/** Those that count only before bind(2). */
export function beforeBind(asks: readonly Ask[]): readonly Ask[] {
  return asks.filter(({ name, isForeign }) => !isForeign && socketOptions[name].when === 'beforeBind')
}

import { ipLevel, ipv6Level } from './socketOptions/ipLevel'
import { rawLevel, udpLevel, unixLevel } from './socketOptions/otherLevels'
import { socketLevel } from './socketOptions/socketLevel'
import { type OptionSpec, type SocketKind } from './socketOptions/spec'
import { tcpLevel } from './socketOptions/tcpLevel'

export * from './socketOptions/spec'

const table = {
  ...socketLevel,
  ...unixLevel,
  ...tcpLevel,
  ...ipLevel,
  ...ipv6Level,
  ...udpLevel,
  ...rawLevel,
}

/** An option by its name in the manual. */
export type OptionName = keyof typeof table

/** Every option that this program knows, in the order in which they are shown, and set where several are asked. */
export const socketOptions: Readonly<Record<OptionName, OptionSpec>> = table

export const optionNames = Object.keys(table) as readonly OptionName[]

/** The options that a kind of socket has. @param family of its addresses; null for AF_UNIX */
export function optionsOf(kind: SocketKind, family: 4 | 6 | null): readonly OptionName[] {
  return optionNames.filter((name) => {
    const { on, family: only } = socketOptions[name]
    return on.includes(kind) && (only === undefined || only === family)
  })
}

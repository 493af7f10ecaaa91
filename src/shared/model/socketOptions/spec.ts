/** How an option's value is put: `flag` and the numbers as setsockopt(2) takes them, the others as structures of their own. */
export type OptionForm =
  | 'flag'
  | 'integer'
  /** A number without a sign: 32 bits, or 64 where the kernel has so many. */
  | 'unsigned'
  /** struct linger of socket(7). */
  | 'linger'
  /** struct timeval, here in seconds. */
  | 'timeval'
  /** Characters: the name of an interface, or of an algorithm. */
  | 'text'
  /** struct in_addr: an IPv4 address. */
  | 'ipv4'
  /** struct ucred of unix(7). */
  | 'credentials'

export interface Linger {
  readonly isOn: boolean
  readonly seconds: number
}

export interface Credentials {
  readonly pid: number
  readonly uid: number
  readonly gid: number
}

/** `timeval` in seconds, `ipv4` as text. */
export type OptionValue = boolean | number | string | Linger | Credentials

/** What kind of socket it is, and whether it listens. */
const socketKinds = ['tcp', 'tcpListener', 'udp', 'unix', 'unixListener', 'raw'] as const
export type SocketKind = (typeof socketKinds)[number]

/**
 * Until when setting it has its full effect. `beforeBind`: later it is refused, or says nothing of the address any more. `beforeConnect`:
 * what a handshake tells the peer, or what accepted sockets inherit, so before connect(2) or listen(2). `never`: it is only read.
 */
export type OptionMoment = 'beforeBind' | 'beforeConnect' | 'anyTime' | 'never'

export type OptionUnit = 'bytes' | 'seconds' | 'milliseconds' | 'hops' | 'bytes per second' | 'microseconds'

export type ManualPage = 'socket(7)' | 'tcp(7)' | 'ip(7)' | 'ipv6(7)' | 'udp(7)' | 'unix(7)' | 'raw(7)'

/** One socket option: what there is to know of it without asking a kernel. */
export interface OptionSpec {
  readonly form: OptionForm
  readonly on: readonly SocketKind[]
  /** Of IPv4 or of IPv6 sockets alone. */
  readonly family?: 4 | 6
  readonly when: OptionMoment
  /** What Linux has it at where nobody sets it, in words. A fresh socket tells for this machine. */
  readonly standard: string
  /** One sentence. */
  readonly meaning: string
  readonly page: ManualPage
  readonly unit?: OptionUnit
  /** The least and the most that make sense; the kernel may know better. */
  readonly range?: readonly [least: number, most: number]
  /** What its values are called. */
  readonly values?: Readonly<Record<number, string>>
  /** A privilege without which it is refused (capabilities(7)). */
  readonly needs?: string
  /** Reading it changes something: it is read only where that is meant. */
  readonly isClearedByReading?: true
}

export type OptionTable = Readonly<Record<string, OptionSpec>>

export const streams: readonly SocketKind[] = ['tcp', 'tcpListener']
export const inet: readonly SocketKind[] = ['tcp', 'tcpListener', 'udp', 'raw']
export const everySocket: readonly SocketKind[] = socketKinds

type More = Partial<Omit<OptionSpec, 'form' | 'on' | 'when' | 'standard' | 'meaning' | 'page'>>
type Row = (
  on: readonly SocketKind[],
  when: OptionMoment,
  standard: string,
  meaning: string,
  more?: More,
) => OptionSpec

const rows =
  (page: ManualPage, form: OptionForm, common: More): Row =>
  (on, when, standard, meaning, more) => ({
    form,
    on,
    when,
    standard,
    meaning,
    page,
    ...common,
    ...more,
  })

/** What a page's rows are written with. */
export function rowsOf(page: ManualPage, common: More = {}) {
  return {
    flag: rows(page, 'flag', common),
    integer: rows(page, 'integer', common),
    unsigned: rows(page, 'unsigned', common),
    linger: rows(page, 'linger', common),
    timeval: rows(page, 'timeval', common),
    text: rows(page, 'text', common),
    ipv4: rows(page, 'ipv4', common),
    credentials: rows(page, 'credentials', common),
  }
}

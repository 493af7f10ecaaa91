import type { Endpoint } from '@shared/model/endpoint'
import { acceptModes } from '@shared/model/options'
import { socketOptions } from '@shared/model/socketOptions'
import { askedWords } from '@shared/model/socketOptions/asks'

type Kind = Endpoint['kind']

/** One field of the form for opening: an empty one leaves the kernel's default. */
export interface OpenField {
  /** The word by which the command that opens takes it. */
  readonly word: string
  readonly title: string
  /** A list: one of these words. */
  readonly is: 'flag' | 'number' | 'text' | readonly string[]
  readonly on: readonly Kind[]
  /** What it sets, in the manual's words, for whoever points at it. */
  readonly about: string
}

export interface OpenGroup {
  readonly title: string
  readonly fields: readonly OpenField[]
}

const field = (
  word: string,
  title: string,
  is: OpenField['is'],
  on: readonly Kind[],
  about = aboutOf(word),
): OpenField => ({ word, title, is, on, about })

function aboutOf(word: string): string {
  const name = askedWords[word]?.names[0]
  if (name === undefined) return ''
  const { meaning, page } = socketOptions[name]
  return `${name}: ${meaning} ${page}`
}

const inet = ['tcp', 'udp'] as const
const ip = ['tcp', 'udp', 'raw'] as const
const all = ['tcp', 'udp', 'unix', 'unixgram', 'raw'] as const
const streams = ['tcp', 'unix'] as const
const answering = ['tcp', 'udp', 'unix', 'unixgram'] as const

/** What can be set before a socket opens, in the groups in which it is shown. */
export const openGroups: readonly OpenGroup[] = [
  {
    title: 'Listening',
    fields: [
      field(
        'behaviour',
        'Behaviour',
        'text',
        answering,
        'What a listener does with those who call; or a bound socket with datagrams.',
      ),
      field(
        'accept',
        'Accept',
        acceptModes,
        streams,
        'Each caller as it comes, the next when the last has ended, or one each time it is told to.',
      ),
      field(
        'backlog',
        'Backlog',
        'number',
        streams,
        'listen(2): how many callers may wait to be accepted. Linux takes one more.',
      ),
      field('fastOpenQueue', 'Fast open queue', 'number', ['tcp']),
    ],
  },
  {
    title: 'Address',
    fields: [
      field('reuseAddress', 'Reuse address', 'flag', inet),
      field('reusePort', 'Reuse port', 'flag', inet),
      field('ipv6Only', 'IPv6 only', 'flag', inet),
      field('device', 'Device', 'text', ip),
      field(
        'localHost',
        'Local host',
        'text',
        inet,
        'bind(2) before connect(2): the address that a dial comes from.',
      ),
      field(
        'localPort',
        'Local port',
        'number',
        inet,
        'bind(2) before connect(2): the port that a dial comes from.',
      ),
    ],
  },
  {
    title: 'TCP',
    fields: [
      field('noDelay', 'No delay', 'flag', ['tcp']),
      field('maxSegmentBytes', 'Longest segment, B', 'number', ['tcp']),
      field('userTimeoutMs', 'User timeout, ms', 'number', ['tcp']),
      field('lingerSeconds', 'Linger, s', 'number', streams),
      field('fastOpen', 'Fast open (dial)', 'flag', ['tcp']),
      field('keepAlive', 'Keep alive', 'flag', ['tcp']),
      field('keepAliveDelayMs', 'First probe after, ms', 'number', ['tcp']),
      field('keepAliveIntervalMs', 'Probe every, ms', 'number', ['tcp']),
      field('keepAliveProbes', 'Probes', 'number', ['tcp']),
    ],
  },
  {
    title: 'Datagrams',
    fields: [
      field('broadcast', 'Broadcast', 'flag', ['udp', 'raw']),
      field('multicastTtl', 'Multicast TTL', 'number', ['udp']),
      field('multicastLoopback', 'Multicast loop', 'flag', ['udp']),
      field('multicastInterface', 'Multicast interface', 'text', ['udp']),
      field('countDrops', 'Count drops', 'flag', ['udp', 'unixgram', 'raw']),
      field(
        'isHeaderIncluded',
        'IP header',
        'flag',
        ['raw'],
        'IP_HDRINCL: each payload that is sent begins with its IP header. raw(7)',
      ),
      field(
        'readBytes',
        'Read at most, B',
        'number',
        ['unixgram', 'raw'],
        'recvfrom(2): so many bytes are read of a datagram; what is longer is truncated, and that is told.',
      ),
    ],
  },
  {
    title: 'IP and buffers',
    fields: [
      field('ttl', 'TTL', 'number', ip),
      field('tos', 'TOS', 'number', ip),
      field('receiveBufferBytes', 'Receive buffer, B', 'number', all),
      field('sendBufferBytes', 'Send buffer, B', 'number', all),
      field('timestamps', 'Timestamps', 'flag', all),
    ],
  },
  {
    title: 'Any other',
    fields: [
      field(
        'kernel',
        'By name',
        'text',
        all,
        'Options by their names in the manual, each with its value: TCP_SYNCNT=2, TCP_CONGESTION=reno',
      ),
    ],
  },
]

export const openFields: readonly OpenField[] = openGroups.flatMap(({ fields }) => fields)

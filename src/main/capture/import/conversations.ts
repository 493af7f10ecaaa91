import { formatEndpoint, type Endpoint } from '../../../shared/model/endpoint'
import { type Direction } from '../../../shared/model/record'
import { type Recorder, type Track } from '../../engine/recorder'
import { formatAddress } from '../addresses'
import { type IpPacket } from './ip'
import { type Budget } from './reassembly'
import { type Tally } from './tally'
import { TcpConnection, type Ends, type Segment } from './tcpConnection'

/** Each costs memory for as long as the recording is open. */
const MAX_CONVERSATIONS = 250_000
/** So many connections that are over are known by their addresses still, for what is repeated of them. */
const MAX_KNOWN_OVER = 16_384

interface Tcp {
  readonly connection: TcpConnection
  readonly keys: readonly [string, string]
}

interface Udp {
  readonly track: Track
  readonly ends: Ends
}

/** What a key of the table leads to: a conversation, and which way packets with this key go. */
interface Flow<Conversation> {
  readonly conversation: Conversation
  readonly direction: Direction
}

/** Source and destination as a packet has them. */
export interface Address {
  readonly bytes: Uint8Array
  readonly ip: IpPacket
  readonly sourcePort: number
  readonly destinationPort: number
}

/** Tells conversations apart by their addresses and ports, and gives each its record. */
export class Conversations {
  readonly #recorder: Recorder
  readonly #tally: Tally
  readonly #budget: Budget = { heldBytes: 0 }
  readonly #tcp = new Map<string, Flow<Tcp>>()
  readonly #udp = new Map<string, Flow<Udp>>()
  /** In the order in which they ended. */
  readonly #over = new Set<Tcp>()

  constructor(recorder: Recorder, tally: Tally) {
    this.#recorder = recorder
    this.#tally = tally
  }

  segment(address: Address, segment: Segment): void {
    const key = keyOf(address, false)
    let flow = this.#tcp.get(key)
    if (flow?.conversation.connection.isOther(flow.direction, segment) === true) {
      this.#giveUp(flow.conversation)
      flow = undefined
    }
    flow ??= this.#newConnection(address, key, segment)
    if (flow === undefined) return
    const { conversation, direction } = flow
    conversation.connection.take(direction, segment)
    if (conversation.connection.isOver) this.#isOver(conversation)
  }

  datagram(address: Address, bytes: Uint8Array): void {
    const key = keyOf(address, false)
    const flow = this.#udp.get(key) ?? this.#newUdp(address, key)
    if (flow === undefined) return
    const { conversation, direction } = flow
    this.#tally.datagrams++
    this.#tally.datagramBytes += bytes.length
    conversation.track.datagram(direction, bytes, conversation.ends.local, conversation.ends.remote)
  }

  /** The capture is over. */
  end(): void {
    const all = new Set([...this.#tcp.values()].map(({ conversation }) => conversation))
    for (const { connection } of all) connection.end()
    const udp = new Set([...this.#udp.values()].map(({ conversation }) => conversation))
    for (const { track } of udp) track.end()
  }

  #newConnection(address: Address, key: string, segment: Segment): Flow<Tcp> | undefined {
    if (this.#isFull()) return undefined
    // Who sends the SYN dials; where none was captured, the higher port is taken for the dialler's.
    const { sourcePort, destinationPort } = address
    const isDialler = segment.isSyn ? !segment.isAck : sourcePort >= destinationPort
    const ends = endsOf(address, 'tcp', isDialler)
    const track = this.#recorder.track(`C${++this.#tally.connections}`, 'tcp', about(ends))
    const connection = new TcpConnection(track, ends, this.#tally, this.#budget)
    const back = keyOf(address, true)
    const conversation: Tcp = { connection, keys: [key, back] }
    const direction = isDialler ? 'out' : 'in'
    // In this order: for one who talks to itself both keys are the same.
    this.#tcp.set(back, { conversation, direction: isDialler ? 'in' : 'out' })
    const flow: Flow<Tcp> = { conversation, direction }
    this.#tcp.set(key, flow)
    return flow
  }

  #newUdp(address: Address, key: string): Flow<Udp> | undefined {
    if (this.#isFull()) return undefined
    const ends = endsOf(address, 'udp', true)
    const track = this.#recorder.track(`U${++this.#tally.udpConversations}`, 'udp', about(ends))
    track.event({ what: 'bound', at: ends.local })
    const conversation: Udp = { track, ends }
    this.#udp.set(keyOf(address, true), { conversation, direction: 'in' })
    const flow: Flow<Udp> = { conversation, direction: 'out' }
    this.#udp.set(key, flow)
    return flow
  }

  #isFull(): boolean {
    if (this.#tally.connections + this.#tally.udpConversations < MAX_CONVERSATIONS) return false
    this.#tally.skip('tooManyConversations')
    return true
  }

  #isOver(conversation: Tcp): void {
    if (this.#over.has(conversation)) return
    this.#over.add(conversation)
    if (this.#over.size <= MAX_KNOWN_OVER) return
    for (const oldest of this.#over) {
      this.#giveUp(oldest)
      return
    }
  }

  /** Nothing more belongs to it. */
  #giveUp(conversation: Tcp): void {
    this.#over.delete(conversation)
    for (const key of conversation.keys) this.#tcp.delete(key)
    conversation.connection.end()
  }
}

const about = ({ local, remote }: Ends): string =>
  `imported ${local.kind} ${formatEndpoint(local).slice(6)} → ${formatEndpoint(remote).slice(6)}`

function endsOf(
  { bytes, ip, sourcePort, destinationPort }: Address,
  kind: 'tcp' | 'udp',
  isSourceLocal: boolean,
): Ends {
  const length = ip.isIpv6 ? 16 : 4
  const at = ip.addressesAt
  const source: Endpoint = { kind, host: formatAddress(bytes.subarray(at, at + length)), port: sourcePort }
  const destination: Endpoint = {
    kind,
    host: formatAddress(bytes.subarray(at + length, at + 2 * length)),
    port: destinationPort,
  }
  return isSourceLocal ? { local: source, remote: destination } : { local: destination, remote: source }
}

const scratch = Buffer.alloc(36)

/** The addresses and ports as a string of bytes: what a map finds quickest. @param isBack with source and destination exchanged */
function keyOf({ bytes, ip, sourcePort, destinationPort }: Address, isBack: boolean): string {
  const length = ip.isIpv6 ? 16 : 4
  const at = ip.addressesAt
  const first = isBack ? at + length : at
  const second = isBack ? at : at + length
  for (let n = 0; n < length; n++) {
    scratch[n] = bytes[first + n] as number
    scratch[length + n] = bytes[second + n] as number
  }
  const end = 2 * length
  scratch.writeUInt16BE(isBack ? destinationPort : sourcePort, end)
  scratch.writeUInt16BE(isBack ? sourcePort : destinationPort, end + 2)
  return scratch.toString('latin1', 0, end + 4)
}

import { formatCount } from '../../../shared/model/units'
import { type Skipped } from './linkLayer'

const WHY: Readonly<Record<Skipped, string>> = {
  unknownLink: 'of a link type that is not read',
  notIp: 'not IP (ARP and the like)',
  notTransport: 'neither TCP nor UDP (ICMP and the like)',
  cutShort: 'captured too short for the headers',
  badLength: 'with lengths that cannot be',
  fragmentLost: 'part of a datagram that was not captured whole',
  tooManyConversations: 'of more conversations than one recording holds',
}

/** Counts what an import meets. */
export class Tally {
  packets = 0
  connections = 0
  udpConversations = 0
  streamBytes = 0
  datagrams = 0
  datagramBytes = 0
  gaps = 0
  gapBytes = 0
  repeatedSegments = 0
  strays = 0
  /** Payloads cut by the snapshot length. */
  cutPayloads = 0
  /** Packets whose time is before that of the packet before them. */
  timeTurns = 0
  readonly #skipped = new Map<Skipped, number>()
  readonly #unknownLinks = new Set<number>()

  skip(why: Skipped, count = 1): void {
    if (count > 0) this.#skipped.set(why, (this.#skipped.get(why) ?? 0) + count)
  }

  /** @param linkType one that is not read */
  skipLink(linkType: number): void {
    this.skip('unknownLink')
    if (this.#unknownLinks.size < 8) this.#unknownLinks.add(linkType)
  }

  warnings(): string[] {
    const links = this.#unknownLinks.size > 0 ? ` (${[...this.#unknownLinks].join(', ')})` : ''
    const told = [...this.#skipped].map(
      ([why, count]) => `${packets(count)} left out: ${WHY[why]}${why === 'unknownLink' ? links : ''}.`,
    )
    const also = (count: number, what: string): void => {
      if (count > 0) told.push(`${packets(count)} ${what}`)
    }
    also(this.cutPayloads, 'cut by the snapshot length: only the beginning of the payload was captured.')
    also(this.strays, 'left out: TCP sequence numbers that fit no window.')
    also(this.timeTurns, 'earlier than one before in the file: told with its time.')
    return told
  }
}

function packets(count: number): string {
  return `${formatCount(count)} packet${count === 1 ? '' : 's'}`
}

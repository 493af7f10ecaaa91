/** One field of a header, counted in bits from its beginning; no field is longer than 32. */
export interface HeaderField {
  readonly name: string
  readonly title: string
  readonly at: number
  readonly bits: number
  readonly form: 'number' | 'hex' | 'ipv4'
  /** What it is where nobody says otherwise. */
  readonly standard?: number
}

export const layoutNames = ['ipv4', 'icmp', 'icmpv6', 'udp', 'tcp'] as const
export type LayoutName = (typeof layoutNames)[number]

/** A header as the RFC draws it, without options. */
export interface HeaderLayout {
  readonly title: string
  readonly lengthBytes: number
  readonly fields: readonly HeaderField[]
  /** The field of the Internet checksum, and what it is taken over. */
  readonly checksum: { readonly field: string; readonly over: 'header' | 'message' | 'pseudo' }
  /** The field of a length, and whether it counts the bytes of the whole from this header on. */
  readonly length?: string
  /** The protocol number by which IPv4 names it. */
  readonly protocol?: number
}

const field = (
  name: string,
  title: string,
  at: number,
  bits: number,
  standard = 0,
  form: HeaderField['form'] = 'number',
): HeaderField => ({ name, title, at, bits, form, standard })

const echo = (type: number): readonly HeaderField[] => [
  field('type', 'Type', 0, 8, type),
  field('code', 'Code', 8, 8),
  field('checksum', 'Checksum', 16, 16, 0, 'hex'),
  field('identifier', 'Identifier', 32, 16, 1),
  field('sequence', 'Sequence', 48, 16, 1),
]

export const layouts: Readonly<Record<LayoutName, HeaderLayout>> = {
  /** RFC 791, 3.1. */
  ipv4: {
    title: 'IPv4',
    lengthBytes: 20,
    fields: [
      field('version', 'Version', 0, 4, 4),
      field('headerWords', 'Header words', 4, 4, 5),
      field('tos', 'TOS', 8, 8, 0, 'hex'),
      field('totalLength', 'Total length', 16, 16),
      field('identification', 'Identification', 32, 16, 0, 'hex'),
      field('flags', 'Flags', 48, 3),
      field('fragmentOffset', 'Fragment offset', 51, 13),
      field('ttl', 'TTL', 64, 8, 64),
      field('protocol', 'Protocol', 72, 8, 1),
      field('checksum', 'Checksum', 80, 16, 0, 'hex'),
      field('source', 'Source', 96, 32, 0x7f000001, 'ipv4'),
      field('destination', 'Destination', 128, 32, 0x7f000001, 'ipv4'),
    ],
    checksum: { field: 'checksum', over: 'header' },
    length: 'totalLength',
  },
  /** RFC 792, echo. */
  icmp: {
    title: 'ICMP echo',
    lengthBytes: 8,
    fields: echo(8),
    checksum: { field: 'checksum', over: 'message' },
    protocol: 1,
  },
  /** RFC 4443, 4.1. */
  icmpv6: {
    title: 'ICMPv6 echo',
    lengthBytes: 8,
    fields: echo(128),
    checksum: { field: 'checksum', over: 'pseudo' },
    protocol: 58,
  },
  /** RFC 768. */
  udp: {
    title: 'UDP',
    lengthBytes: 8,
    fields: [
      field('sourcePort', 'Source port', 0, 16, 40_000),
      field('destinationPort', 'Destination port', 16, 16, 9000),
      field('length', 'Length', 32, 16),
      field('checksum', 'Checksum', 48, 16, 0, 'hex'),
    ],
    checksum: { field: 'checksum', over: 'pseudo' },
    length: 'length',
    protocol: 17,
  },
  /** RFC 9293, 3.1. */
  tcp: {
    title: 'TCP',
    lengthBytes: 20,
    fields: [
      field('sourcePort', 'Source port', 0, 16, 40_000),
      field('destinationPort', 'Destination port', 16, 16, 8060),
      field('sequence', 'Sequence', 32, 32),
      field('acknowledgment', 'Acknowledgment', 64, 32),
      field('headerWords', 'Header words', 96, 4, 5),
      field('reserved', 'Reserved', 100, 4),
      field('flags', 'Flags', 104, 8, 2, 'hex'),
      field('window', 'Window', 112, 16, 65_535),
      field('checksum', 'Checksum', 128, 16, 0, 'hex'),
      field('urgent', 'Urgent pointer', 144, 16),
    ],
    checksum: { field: 'checksum', over: 'pseudo' },
    protocol: 6,
  },
}

import { SPREAD, SPREAD_FLOATS, type KernelKind, type KernelSeries } from '@shared/model/kernel'
import type { KernelField, KernelUnit } from '@shared/model/kernelFields'
import { PART, PART_FLOATS, type Throughput } from '@shared/model/stats'

/** One line of a plot. */
export interface PlotLine {
  readonly label: string
  /** A colour's token. */
  readonly token: string
  readonly values: readonly (number | null)[]
  /** Drawn broken: limits, which lines are held against. */
  readonly isLimit?: boolean
  /** Drawn in steps: what a whole part holds, not what was found at a moment. */
  readonly isStepped?: boolean
  /** Put away until somebody wants it: it would dwarf the others. */
  readonly isAway?: boolean
}

export interface KernelPlotData {
  readonly title: string
  readonly unit: KernelUnit | 'part'
  readonly lines: readonly PlotLine[]
}

/** What is read for the plots of a kind of socket. */
export function plottedFields(of: KernelKind): readonly KernelField[] {
  switch (of) {
    case 'tcp':
    case 'afterlife':
      return [
        ...(['rtt', 'rttvar', 'minRtt', 'sndCwnd', 'sndMss', 'unacked', 'sndWnd', 'recvQ', 'sendQ'] as const),
        ...(['notsentBytes', 'totalRetrans', 'lost', 'retrans', 'deliveryRate', 'pacingRate'] as const),
        ...(['busyTime', 'rwndLimited', 'sndbufLimited', 'rmemAlloc', 'wmemQueued'] as const),
      ]
    case 'tcpListener':
    case 'unixListener':
      return ['acceptQueue', 'acceptLimit']
    case 'udp':
      return ['recvQ', 'rcvbuf', 'drops', 'sendQ']
    case 'unix':
      return ['recvQ', 'sendQ', 'rmemAlloc', 'wmemAlloc']
  }
}

/** The plots of a socket's samples. @param fields as `plottedFields` names them, in the order of the series */
export function kernelPlots(
  of: KernelKind,
  fields: readonly KernelField[],
  series: KernelSeries,
  traffic: Throughput | null,
): KernelPlotData[] {
  const read = new Reading(fields, series)
  const queues = (...more: PlotLine[]): KernelPlotData => ({
    title: 'Queues',
    unit: 'bytes',
    lines: [
      { label: 'Recv-Q', token: '--in', values: read.most('recvQ') },
      { label: 'Send-Q', token: '--out', values: read.most('sendQ') },
      ...more,
    ],
  })
  switch (of) {
    case 'tcp':
    case 'afterlife':
      return tcpPlots(
        read,
        traffic,
        queues({ label: 'not sent', token: '--warn', values: read.most('notsentBytes') }),
      )
    case 'tcpListener':
    case 'unixListener':
      return [
        {
          title: 'Accept queue',
          unit: 'count',
          lines: [
            { label: 'waiting', token: '--out', values: read.most('acceptQueue') },
            { label: 'backlog', token: '--bad', values: read.last('acceptLimit'), isLimit: true },
          ],
        },
      ]
    case 'udp':
      return [
        { title: 'Throughput', unit: 'bytesPerSecond', lines: trafficLines(traffic) },
        {
          title: 'Memory of what waits to be read',
          unit: 'bytes',
          lines: [
            { label: 'Recv-Q', token: '--in', values: read.most('recvQ') },
            { label: 'SO_RCVBUF', token: '--bad', values: read.last('rcvbuf'), isLimit: true },
          ],
        },
        {
          title: 'Dropped by now',
          unit: 'count',
          lines: [{ label: 'datagrams', token: '--bad', values: read.last('drops') }],
        },
      ]
    case 'unix':
      return [
        { title: 'Throughput', unit: 'bytesPerSecond', lines: trafficLines(traffic) },
        queues(),
        {
          title: 'Memory',
          unit: 'bytes',
          lines: [
            { label: 'to be read', token: '--in', values: read.most('rmemAlloc') },
            { label: 'on its way out', token: '--out', values: read.most('wmemAlloc') },
          ],
        },
      ]
  }
}

function tcpPlots(read: Reading, traffic: Throughput | null, queues: KernelPlotData): KernelPlotData[] {
  const mss = read.last('sndMss')
  const bytes = (segments: readonly (number | null)[]): (number | null)[] =>
    segments.map((each, n) => (each === null ? null : each * (mss[n] ?? 0)))
  return [
    {
      title: 'Rates',
      unit: 'bytesPerSecond',
      lines: [
        ...trafficLines(traffic),
        { label: 'delivery rate', token: '--accent', values: read.last('deliveryRate') },
        {
          label: 'pacing rate',
          token: '--text-faint',
          values: read.last('pacingRate'),
          isLimit: true,
          isAway: true,
        },
      ],
    },
    {
      title: 'Round trip',
      unit: 'micros',
      lines: [
        { label: 'rtt', token: '--accent', values: read.last('rtt') },
        { label: 'rttvar', token: '--out', values: read.last('rttvar') },
        { label: 'min_rtt', token: '--text-faint', values: read.last('minRtt'), isLimit: true },
      ],
    },
    {
      title: 'Congestion window',
      unit: 'bytes',
      lines: [
        { label: 'cwnd × mss', token: '--accent', values: bytes(read.last('sndCwnd')) },
        { label: 'in flight', token: '--out', values: bytes(read.most('unacked')) },
        { label: 'peer’s window', token: '--in', values: read.last('sndWnd'), isLimit: true },
      ],
    },
    {
      title: 'Segments',
      unit: 'segments',
      lines: [
        { label: 'cwnd', token: '--accent', values: read.last('sndCwnd') },
        { label: 'unacked', token: '--out', values: read.most('unacked') },
      ],
    },
    queues,
    {
      title: 'Retransmissions',
      unit: 'segments',
      lines: [
        { label: 'total', token: '--bad', values: read.last('totalRetrans') },
        { label: 'lost now', token: '--warn', values: read.most('lost') },
        { label: 'on their way again', token: '--out', values: read.most('retrans') },
      ],
    },
    {
      title: 'Limited by',
      unit: 'part',
      lines: [
        { label: 'busy', token: '--accent', values: read.share('busyTime') },
        { label: 'peer’s window', token: '--bad', values: read.share('rwndLimited') },
        { label: 'send buffer', token: '--warn', values: read.share('sndbufLimited') },
      ],
    },
    {
      title: 'Memory',
      unit: 'bytes',
      lines: [
        { label: 'to be read', token: '--in', values: read.most('rmemAlloc') },
        { label: 'to be sent', token: '--out', values: read.most('wmemQueued') },
      ],
    },
  ]
}

function trafficLines(traffic: Throughput | null): PlotLine[] {
  const rates = (field: number): number[] => {
    if (traffic === null) return []
    const { fromNanos, toNanos, parts, values } = traffic
    const seconds = (toNanos - fromNanos) / parts / 1e9
    return Array.from({ length: parts }, (_, n) => (values[n * PART_FLOATS + field] ?? 0) / seconds)
  }
  return [
    { label: 'in', token: '--in', values: rates(PART.inBytes), isStepped: true },
    { label: 'out', token: '--out', values: rates(PART.outBytes), isStepped: true },
  ]
}

/** Reads a series field by field; null where a part holds no sample. */
class Reading {
  readonly #fields: readonly KernelField[]
  readonly #series: KernelSeries

  constructor(fields: readonly KernelField[], series: KernelSeries) {
    this.#fields = fields
    this.#series = series
  }

  last(field: KernelField): (number | null)[] {
    return this.#column(field, SPREAD.last)
  }

  most(field: KernelField): (number | null)[] {
    return this.#column(field, SPREAD.max)
  }

  /** Of a time that only grows: which part of the time since the sample before it grew by. */
  share(field: KernelField): (number | null)[] {
    const { fromNanos, toNanos, parts } = this.#series
    const partMicros = (toNanos - fromNanos) / parts / 1000
    let before: { readonly n: number; readonly value: number } | null = null
    return this.last(field).map((value, n) => {
      if (value === null) return null
      const since = before
      before = { n, value }
      if (since === null) return null
      return Math.min(1, Math.max(0, (value - since.value) / ((n - since.n) * partMicros)))
    })
  }

  #column(field: KernelField, which: number): (number | null)[] {
    const { parts, values } = this.#series
    const from = this.#fields.indexOf(field) * parts
    if (from < 0) return []
    return Array.from({ length: parts }, (_, n) => {
      const value = values[(from + n) * SPREAD_FLOATS + which]
      return value === undefined || Number.isNaN(value) ? null : value
    })
  }
}

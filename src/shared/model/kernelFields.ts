/** How a field's number is meant. */
export type KernelUnit =
  | 'count'
  | 'bytes'
  | 'segments'
  | 'micros'
  | 'millis'
  | 'bytesPerSecond'
  | 'flag'
  | 'bits'
  | 'state'
  | 'caState'
  | 'timer'
  | 'shift'
  | 'id'

export const kernelGroups = [
  'State',
  'Queues',
  'Round trip',
  'Congestion window',
  'Loss',
  'Rate',
  'Limited by',
  'Totals',
  'Segment sizes',
  'Options',
  'Since last',
  'Memory',
  'Peer',
] as const
export type KernelGroup = (typeof kernelGroups)[number]

export interface KernelFieldSpec {
  /** As the kernel or its tools call it. */
  readonly name: string
  readonly group: KernelGroup
  readonly unit: KernelUnit
  readonly meaning: string
  /** Where to read more. */
  readonly see: string
}

const field = (
  group: KernelGroup,
  name: string,
  unit: KernelUnit,
  meaning: string,
  see = 'tcp(7), linux/tcp.h',
): KernelFieldSpec => ({ name, group, unit, meaning, see })

const DIAG = 'sock_diag(7)'
const MEMORY = 'ss(8) skmem, sock_diag(7)'

/** All that is asked of sockets, in the order in which it is shown. Names are those of struct tcp_info without `tcpi_`. */
export const kernelFields = {
  state: field('State', 'state', 'state', 'TCP state', 'RFC 9293, 3.3.2'),
  timer: field('State', 'timer', 'timer', 'Which timer runs', DIAG),
  timerMs: field('State', 'expires', 'millis', 'Until that timer fires', DIAG),
  caState: field('State', 'ca_state', 'caState', 'Congestion state: Open, Disorder, CWR, Recovery, Loss'),

  recvQ: field(
    'Queues',
    'Recv-Q',
    'bytes',
    'Received, not read by the program yet; of UDP the memory that waiting datagrams take',
    'ss(8), SIOCINQ',
  ),
  sendQ: field(
    'Queues',
    'Send-Q',
    'bytes',
    'Written, not acknowledged (Unix: not read) yet',
    'ss(8), SIOCOUTQ',
  ),
  notsentBytes: field('Queues', 'notsent_bytes', 'bytes', 'Of Send-Q: not sent even once'),
  acceptQueue: field(
    'Queues',
    'accept queue',
    'count',
    'Connected, not accepted by the program yet',
    'listen(2), tcpi_unacked',
  ),
  acceptLimit: field(
    'Queues',
    'backlog',
    'count',
    'Limit of the accept queue; it holds one more',
    'listen(2), tcpi_sacked',
  ),
  nextDatagram: field(
    'Queues',
    'next datagram',
    'bytes',
    'Length of the datagram that is read next',
    'udp(7)',
  ),
  unacked: field('Queues', 'unacked', 'segments', 'Sent and not acknowledged'),
  sacked: field('Queues', 'sacked', 'segments', 'Of these: acknowledged out of order', 'RFC 2018'),
  sndWnd: field('Queues', 'snd_wnd', 'bytes', 'Receive window that the peer offers', 'RFC 9293, 3.8.6'),
  rcvWnd: field('Queues', 'rcv_wnd', 'bytes', 'Receive window that we offer', 'RFC 9293, 3.8.6'),

  rtt: field('Round trip', 'rtt', 'micros', 'Smoothed round-trip time', 'RFC 6298'),
  rttvar: field('Round trip', 'rttvar', 'micros', 'Its mean deviation', 'RFC 6298'),
  minRtt: field('Round trip', 'min_rtt', 'micros', 'Shortest round trip of the last minutes'),
  rcvRtt: field('Round trip', 'rcv_rtt', 'micros', 'Round trip as the receiver estimates it'),
  rto: field('Round trip', 'rto', 'micros', 'Retransmission timeout', 'RFC 6298'),
  ato: field('Round trip', 'ato', 'micros', 'Delayed-acknowledgement timeout', 'RFC 1122, 4.2.3.2'),
  backoff: field('Round trip', 'backoff', 'count', 'Times the timeout has been doubled', 'RFC 6298'),

  sndCwnd: field('Congestion window', 'snd_cwnd', 'segments', 'Congestion window', 'RFC 5681'),
  sndSsthresh: field('Congestion window', 'snd_ssthresh', 'segments', 'Slow-start threshold', 'RFC 5681'),
  rcvSsthresh: field('Congestion window', 'rcv_ssthresh', 'bytes', 'Most that our window grows to now'),
  rcvSpace: field('Congestion window', 'rcv_space', 'bytes', 'What the program reads in a round trip'),
  reordering: field('Congestion window', 'reordering', 'segments', 'Reordering that is put up with'),

  retransmits: field('Loss', 'retransmits', 'count', 'Timeouts in a row for the same segment'),
  probes: field('Loss', 'probes', 'count', 'Window or keepalive probes without an answer'),
  lost: field('Loss', 'lost', 'segments', 'Taken for lost now'),
  retrans: field('Loss', 'retrans', 'segments', 'Retransmitted and not acknowledged now'),
  totalRetrans: field('Loss', 'total_retrans', 'segments', 'Retransmitted since the beginning'),
  bytesRetrans: field('Loss', 'bytes_retrans', 'bytes', 'The same in bytes', 'RFC 4898'),
  dsackDups: field('Loss', 'dsack_dups', 'count', 'Retransmitted in vain, as the peer tells', 'RFC 2883'),
  reordSeen: field('Loss', 'reord_seen', 'count', 'Reorderings seen'),
  rcvOoopack: field('Loss', 'rcv_ooopack', 'segments', 'Received out of order'),
  totalRto: field('Loss', 'total_rto', 'count', 'Retransmission timeouts', 'RFC 6298'),
  totalRtoRecoveries: field('Loss', 'total_rto_recoveries', 'count', 'Timeouts that were recovered from'),
  totalRtoTime: field('Loss', 'total_rto_time', 'millis', 'Time spent in such recoveries'),
  rehash: field('Loss', 'rehash', 'count', 'Other paths tried after timeouts'),

  deliveryRate: field('Rate', 'delivery_rate', 'bytesPerSecond', 'What arrived at the peer, lately'),
  deliveryRateAppLimited: field('Rate', 'app_limited', 'flag', 'That rate was the program’s, not the path’s'),
  pacingRate: field('Rate', 'pacing_rate', 'bytesPerSecond', 'How fast segments are let out', 'tc-fq(8)'),
  maxPacingRate: field(
    'Rate',
    'max_pacing_rate',
    'bytesPerSecond',
    'Its limit',
    'SO_MAX_PACING_RATE, socket(7)',
  ),

  busyTime: field('Limited by', 'busy_time', 'micros', 'Time with something to send', 'RFC 4898'),
  rwndLimited: field(
    'Limited by',
    'rwnd_limited',
    'micros',
    'Held back by the peer’s receive window',
    'RFC 4898',
  ),
  sndbufLimited: field('Limited by', 'sndbuf_limited', 'micros', 'Held back by our send buffer', 'RFC 4898'),

  bytesSent: field('Totals', 'bytes_sent', 'bytes', 'Sent, with retransmissions', 'RFC 4898'),
  bytesAcked: field(
    'Totals',
    'bytes_acked',
    'bytes',
    'Acknowledged by the peer; SYN and FIN count too',
    'RFC 4898',
  ),
  bytesReceived: field('Totals', 'bytes_received', 'bytes', 'Received and acknowledged', 'RFC 4898'),
  segsOut: field('Totals', 'segs_out', 'segments', 'Segments sent', 'RFC 4898'),
  segsIn: field('Totals', 'segs_in', 'segments', 'Segments received', 'RFC 4898'),
  dataSegsOut: field('Totals', 'data_segs_out', 'segments', 'With data, sent', 'RFC 4898'),
  dataSegsIn: field('Totals', 'data_segs_in', 'segments', 'With data, received', 'RFC 4898'),
  delivered: field('Totals', 'delivered', 'segments', 'Segments that arrived at the peer'),
  deliveredCe: field('Totals', 'delivered_ce', 'segments', 'Of these: marked as congested', 'RFC 3168'),
  receivedCe: field('Totals', 'received_ce', 'segments', 'Received with a mark of congestion', 'RFC 3168'),
  deliveredE1Bytes: field('Totals', 'delivered_e1_bytes', 'bytes', 'Arrived marked ECT(1)', 'RFC 9768'),
  deliveredE0Bytes: field('Totals', 'delivered_e0_bytes', 'bytes', 'Arrived marked ECT(0)', 'RFC 9768'),
  deliveredCeBytes: field('Totals', 'delivered_ce_bytes', 'bytes', 'Arrived marked CE', 'RFC 9768'),
  receivedE1Bytes: field('Totals', 'received_e1_bytes', 'bytes', 'Received marked ECT(1)', 'RFC 9768'),
  receivedE0Bytes: field('Totals', 'received_e0_bytes', 'bytes', 'Received marked ECT(0)', 'RFC 9768'),
  receivedCeBytes: field('Totals', 'received_ce_bytes', 'bytes', 'Received marked CE', 'RFC 9768'),

  sndMss: field('Segment sizes', 'snd_mss', 'bytes', 'Largest segment that is sent', 'RFC 9293, 3.7.1'),
  rcvMss: field('Segment sizes', 'rcv_mss', 'bytes', 'Largest segment that came, as estimated'),
  advmss: field('Segment sizes', 'advmss', 'bytes', 'Segment size that we told the peer', 'RFC 9293, 3.7.1'),
  pmtu: field('Segment sizes', 'pmtu', 'bytes', 'Largest packet of the path', 'RFC 1191'),

  options: field('Options', 'options', 'bits', 'Options agreed on: timestamps, SACK, window scale, ECN …'),
  sndWscale: field('Options', 'snd_wscale', 'shift', 'Shift of the windows that the peer tells', 'RFC 7323'),
  rcvWscale: field('Options', 'rcv_wscale', 'shift', 'Shift of the windows that we tell', 'RFC 7323'),
  fastopenClientFail: field(
    'Options',
    'fastopen_client_fail',
    'count',
    'Why fast open did not work',
    'RFC 7413',
  ),
  accecnFailMode: field('Options', 'accecn_fail_mode', 'bits', 'Why accurate ECN did not work', 'RFC 9768'),
  accecnOptSeen: field('Options', 'accecn_opt_seen', 'count', 'Whether its option was seen', 'RFC 9768'),
  fackets: field('Options', 'fackets', 'count', 'Not used any more'),

  lastDataSent: field('Since last', 'last_data_sent', 'millis', 'Since data was sent'),
  lastDataRecv: field('Since last', 'last_data_recv', 'millis', 'Since data came'),
  lastAckRecv: field('Since last', 'last_ack_recv', 'millis', 'Since an acknowledgement came'),
  lastAckSent: field('Since last', 'last_ack_sent', 'millis', 'Not remembered by the kernel'),

  rmemAlloc: field('Memory', 'rmem_alloc', 'bytes', 'Taken by what waits to be read', MEMORY),
  rcvbuf: field('Memory', 'rcvbuf', 'bytes', 'Most that may be: SO_RCVBUF', MEMORY),
  wmemAlloc: field('Memory', 'wmem_alloc', 'bytes', 'Taken by what is on its way out', MEMORY),
  sndbuf: field('Memory', 'sndbuf', 'bytes', 'Most that may be: SO_SNDBUF', MEMORY),
  fwdAlloc: field('Memory', 'fwd_alloc', 'bytes', 'Set aside and not used', MEMORY),
  wmemQueued: field(
    'Memory',
    'wmem_queued',
    'bytes',
    'Taken by what waits to be sent or acknowledged',
    MEMORY,
  ),
  optmem: field('Memory', 'optmem', 'bytes', 'Taken by options and filters', MEMORY),
  backlog: field('Memory', 'sk_backlog', 'bytes', 'Came while the socket was locked', MEMORY),
  drops: field('Memory', 'drops', 'count', 'Packets dropped for want of room', MEMORY),

  peerPid: field('Peer', 'pid', 'id', 'Process that connected or listened', 'SO_PEERCRED, unix(7)'),
  peerUid: field('Peer', 'uid', 'id', 'Its user', 'SO_PEERCRED, unix(7)'),
  peerGid: field('Peer', 'gid', 'id', 'Its group', 'SO_PEERCRED, unix(7)'),
} as const satisfies Record<string, KernelFieldSpec>

export type KernelField = keyof typeof kernelFields

const names: ReadonlySet<string> = new Set(Object.keys(kernelFields))
export function isKernelField(name: string): name is KernelField {
  return names.has(name)
}

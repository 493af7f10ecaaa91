import { type KernelField } from '../model/kernelFields'
import { type Written } from './written'

/** What the table of the kernel's fields does not say: what to make of a number, lessons, relatives. */
export const moreOfNumbers: Readonly<Partial<Record<KernelField, Omit<Written, 'does' | 'facts'>>>> = {
  state: { lessons: [2, 3, 13, 15], related: ['ESTABLISHED', 'LISTEN', 'TIME_WAIT', 'CLOSE_WAIT'] },
  timer: {
    then: 'None in a quiet connection: nothing is awaited. TIME_WAIT and keepalive are timers, too.',
    lessons: [5, 15],
    related: ['expires', 'rto', 'keepalive', 'TIME_WAIT'],
  },
  timerMs: { lessons: [2], related: ['timer', 'rto'] },
  caState: {
    then: 'Open: all is well. Disorder: something came out of order. CWR: congestion was told. Recovery: a loss is being mended. Loss: the timer had to do it.',
    rfc: ['RFC 5681', 'RFC 9937'],
    related: ['congestion window', 'retransmission', 'snd_cwnd'],
  },

  recvQ: {
    then: 'If it stays high, the program does not read; when the buffer is full, a TCP peer may send no more, and UDP drops.',
    man: ['tcp(7)', 'udp(7)'],
    lessons: [3, 4, 5, 6, 8, 9],
    related: ['receive buffer', 'SIOCINQ', 'zero window', 'recv'],
  },
  sendQ: {
    then: 'It goes down by acknowledgements. If it stays, the peer does not read, or is not there.',
    man: ['tcp(7)', 'udp(7)'],
    lessons: [3, 7, 8],
    related: ['send buffer', 'SIOCOUTQ', 'unacked', 'notsent_bytes'],
  },
  notsentBytes: {
    then: 'It waits for the window of the peer, for the congestion window, or for Nagle.',
    lessons: [14],
    related: ['Send-Q', 'window', 'Nagle', 'TCP_NOTSENT_LOWAT'],
  },
  nextDatagram: { lessons: [10], related: ['Recv-Q', 'SIOCINQ', 'datagram'] },
  unacked: {
    also: ['tcpi_unacked'],
    then: 'Of a listener the kernel tells the length of its accept queue in this field.',
    rfc: ['RFC 9293, 3.4'],
    lessons: [14, 15],
    related: ['ACK', 'Send-Q', 'accept queue', 'retransmission'],
  },
  sacked: {
    also: ['tcpi_sacked'],
    then: 'Of a listener the kernel tells its backlog in this field.',
    related: ['SACK', 'lost', 'backlog'],
  },
  sndWnd: {
    then: '0: the peer has no room, and we may only probe.',
    related: ['window', 'zero window', 'rcv_wnd', 'probes'],
  },
  rcvWnd: { related: ['window', 'receive buffer', 'snd_wnd', 'TCP_WINDOW_CLAMP'] },

  rtt: {
    then: 'From a segment to its acknowledgement, so with the delay that the peer puts in. On this machine some tens of microseconds.',
    related: ['rttvar', 'min_rtt', 'rto', 'round trip'],
  },
  rttvar: { related: ['rtt', 'rto'] },
  minRtt: {
    then: 'What the path takes when no queue is in the way. Linux looks back 300 s: net.ipv4.tcp_min_rtt_wlen.',
    related: ['rtt', 'round trip'],
  },
  rcvRtt: {
    then: 'It is made of how data comes in, and serves to size the receive buffer. 0 until enough has come.',
    related: ['rtt', 'rcv_space'],
  },
  rto: {
    then: 'The round trip and four times its deviation; on Linux at least 200 ms and at most 120 s. It doubles with each time it runs out.',
    lessons: [15],
    related: ['retransmission', 'backoff', 'rtt', 'timer'],
  },
  ato: {
    then: 'Some 40 ms on Linux: so long an acknowledgement may wait for data to go along with.',
    rfc: ['RFC 9293, 3.8.6.3'],
    lessons: [14],
    related: ['delayed ACK', 'TCP_QUICKACK', 'Nagle'],
  },
  backoff: { rfc: ['RFC 6298, 5'], lessons: [15], related: ['rto', 'retransmits'] },

  sndCwnd: {
    then: 'It begins with 10, grows with what is acknowledged, and shrinks when something is lost.',
    rfc: ['RFC 5681, 3.1', 'RFC 6928'],
    related: ['congestion window', 'snd_ssthresh', 'TCP_CONGESTION'],
  },
  sndSsthresh: {
    then: 'Below it the window doubles in each round trip, above it grows slowly. None until slow start has ended once.',
    rfc: ['RFC 5681, 3.1'],
    related: ['slow start', 'snd_cwnd'],
  },
  rcvSsthresh: { related: ['rcv_wnd', 'window'] },
  rcvSpace: {
    then: 'The kernel lets the receive buffer grow by it, unless SO_RCVBUF was set.',
    related: ['SO_RCVBUF', 'receive buffer', 'rcv_rtt'],
  },
  reordering: {
    then: 'So many places a segment may come late before it is taken for lost.',
    rfc: ['RFC 8985'],
    related: ['reord_seen', 'lost'],
  },

  retransmits: { rfc: ['RFC 6298, 5'], lessons: [3, 15], related: ['rto', 'backoff', 'retransmission'] },
  probes: { lessons: [15], related: ['keepalive', 'zero window', 'TCP_KEEPCNT'] },
  lost: { rfc: ['RFC 8985', 'RFC 6675'], related: ['retrans', 'sacked', 'retransmission'] },
  retrans: { related: ['total_retrans', 'retransmission', 'lost'] },
  totalRetrans: {
    then: 'On loopback it stays 0, as nothing is lost there, unless an experiment unplugs the peer.',
    rfc: ['RFC 4898'],
    lessons: [15],
    related: ['retransmission', 'bytes_retrans', 'rto'],
  },
  bytesRetrans: { related: ['total_retrans', 'bytes_sent'] },
  dsackDups: { related: ['SACK', 'total_retrans'] },
  reordSeen: { related: ['reordering'] },
  rcvOoopack: { rfc: ['RFC 5681, 4.2'], related: ['SACK', 'reordering'] },
  totalRto: { related: ['rto', 'total_rto_recoveries', 'total_rto_time'] },
  totalRtoRecoveries: { related: ['total_rto'] },
  totalRtoTime: { related: ['total_rto'] },
  rehash: { related: ['rto'] },

  deliveryRate: { related: ['app_limited', 'pacing_rate', 'delivered'] },
  deliveryRateAppLimited: {
    then: 'The path may take more: the program gave no more to send.',
    related: ['delivery_rate'],
  },
  pacingRate: { related: ['max_pacing_rate', 'SO_MAX_PACING_RATE', 'snd_cwnd'] },
  maxPacingRate: { related: ['SO_MAX_PACING_RATE', 'pacing_rate'] },

  busyTime: { lessons: [14], related: ['rwnd_limited', 'sndbuf_limited'] },
  rwndLimited: {
    then: 'Part of busy_time. The peer reads too slowly, or its receive buffer is small.',
    related: ['window', 'zero window', 'busy_time'],
  },
  sndbufLimited: {
    then: 'Part of busy_time. A larger SO_SNDBUF would let more be under way.',
    related: ['SO_SNDBUF', 'send buffer', 'busy_time'],
  },

  bytesSent: { related: ['bytes_acked', 'bytes_retrans'] },
  bytesAcked: {
    then: 'One more than was sent, at the side that dialled: its SYN has a number, too. The side that accepted begins with 0.',
    rfc: ['RFC 9293, 3.4'],
    related: ['bytes_sent', 'ACK', 'SYN'],
  },
  bytesReceived: { related: ['bytes_acked', 'Recv-Q'] },
  segsOut: { lessons: [5], related: ['data_segs_out', 'segment', 'ACK'] },
  segsIn: { related: ['data_segs_in', 'segment', 'ACK'] },
  dataSegsOut: {
    then: 'How many segments so many writes became.',
    lessons: [4, 5, 14],
    related: ['segs_out', 'Nagle', 'TCP_NODELAY', 'segment'],
  },
  dataSegsIn: { lessons: [5, 14], related: ['segs_in', 'segment'] },
  delivered: { related: ['delivery_rate', 'delivered_ce'] },
  deliveredCe: { related: ['ECN', 'received_ce'] },
  receivedCe: { related: ['ECN', 'delivered_ce'] },
  deliveredE1Bytes: { rfc: ['RFC 3168'], related: ['ECN', 'delivered_e0_bytes'] },
  deliveredE0Bytes: { rfc: ['RFC 3168'], related: ['ECN', 'delivered_e1_bytes'] },
  deliveredCeBytes: { rfc: ['RFC 3168'], related: ['ECN', 'delivered_ce'] },
  receivedE1Bytes: { rfc: ['RFC 3168'], related: ['ECN', 'received_e0_bytes'] },
  receivedE0Bytes: { rfc: ['RFC 3168'], related: ['ECN', 'received_e1_bytes'] },
  receivedCeBytes: { rfc: ['RFC 3168'], related: ['ECN', 'received_ce'] },

  sndMss: {
    then: 'On loopback tens of thousands of bytes, on Ethernet up to 1460 over IPv4: the rest is headers.',
    related: ['MSS', 'advmss', 'pmtu', 'TCP_MAXSEG'],
  },
  rcvMss: {
    then: 'A receiver acknowledges at once when two segments of that size have come.',
    rfc: ['RFC 5681, 4.2'],
    related: ['MSS', 'delayed ACK'],
  },
  advmss: { related: ['MSS', 'snd_mss', 'TCP_MAXSEG'] },
  pmtu: { rfc: ['RFC 8201', 'RFC 4821'], related: ['MTU', 'IP_MTU', 'snd_mss'] },

  options: {
    then: 'They are agreed on in the SYN and its answer, once for all.',
    rfc: ['RFC 7323', 'RFC 2018', 'RFC 3168'],
    related: ['handshake', 'SACK', 'ECN', 'window scale'],
  },
  sndWscale: { related: ['window scale', 'snd_wnd', 'rcv_wscale'] },
  rcvWscale: { related: ['window scale', 'rcv_wnd', 'snd_wscale'] },
  fastopenClientFail: {
    then: '0: no reason told. 1: no cookie. 2: the data was not acknowledged with the SYN. 3: the SYN had to be sent again.',
    related: ['fast open', 'TCP_FASTOPEN_CONNECT'],
  },
  accecnFailMode: { related: ['ECN', 'accecn_opt_seen'] },
  accecnOptSeen: { related: ['ECN', 'accecn_fail_mode'] },
  fackets: { related: ['sacked'] },

  lastDataSent: { related: ['last_ack_recv', 'keepalive'] },
  lastDataRecv: { related: ['last_data_sent', 'keepalive'] },
  lastAckRecv: { related: ['ACK', 'dead peer', 'last_data_sent'] },
  lastAckSent: { then: 'Always 0.', related: ['last_ack_recv'] },

  rmemAlloc: {
    then: 'More than the bytes themselves: the kernel counts the memory around each packet.',
    related: ['rcvbuf', 'receive buffer', 'Recv-Q', 'drops'],
  },
  rcvbuf: {
    then: 'Twice what was set: half of it pays for bookkeeping.',
    related: ['SO_RCVBUF', 'receive buffer', 'rmem_alloc'],
  },
  wmemAlloc: { related: ['wmem_queued', 'sndbuf'] },
  sndbuf: {
    then: 'Twice what was set: half of it pays for bookkeeping.',
    related: ['SO_SNDBUF', 'send buffer', 'wmem_queued'],
  },
  fwdAlloc: { related: ['rmem_alloc', 'wmem_queued'] },
  wmemQueued: { related: ['sndbuf', 'Send-Q', 'wmem_alloc'] },
  optmem: { related: ['SO_ATTACH_FILTER'] },
  backlog: { then: 'It has nothing to do with listen().', related: ['rmem_alloc', 'backlog'] },
  drops: {
    then: 'Of UDP: datagrams that came and were thrown away, as the receive buffer was full. Nobody else tells of them.',
    lessons: [10],
    related: ['receive buffer', 'SO_RXQ_OVFL', 'SO_RCVBUF', 'datagram'],
  },

  peerPid: { lessons: [12], related: ['SO_PEERCRED', 'AF_UNIX'] },
  peerUid: { related: ['SO_PEERCRED', 'pid'] },
  peerGid: { related: ['SO_PEERCRED', 'pid'] },
}

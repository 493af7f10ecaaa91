import { type BenchCallName } from '../../../shared/model/bench'

/** Why a call has not returned yet. */
export function waitsFor(call: BenchCallName): string {
  switch (call) {
    case 'accept':
      return 'no caller has come'
    case 'recv':
    case 'recvfrom':
      return 'no data has come'
    case 'readline':
      return 'no whole line has come'
    case 'connect':
    case 'connect_ex':
      return 'no answer has come'
    case 'send':
    case 'sendall':
    case 'sendto':
      return 'the buffers are full, and the other side does not read'
    default:
      return 'the kernel has not answered'
  }
}

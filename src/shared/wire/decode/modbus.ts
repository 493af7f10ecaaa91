import { hexOf, named, type Scribe } from './scribe'

const FUNCTIONS: Readonly<Record<number, string>> = {
  1: 'read coils',
  2: 'read discrete inputs',
  3: 'read holding registers',
  4: 'read input registers',
  5: 'write single coil',
  6: 'write single register',
  7: 'read exception status',
  8: 'diagnostics',
  11: 'get event counter',
  15: 'write multiple coils',
  16: 'write multiple registers',
  17: 'report server id',
  22: 'mask write register',
  23: 'read and write registers',
  24: 'read FIFO queue',
  43: 'encapsulated interface',
}
const EXCEPTIONS: Readonly<Record<number, string>> = {
  1: 'illegal function',
  2: 'illegal data address',
  3: 'illegal data value',
  4: 'server failure',
  5: 'acknowledge',
  6: 'server busy',
  8: 'memory parity error',
  10: 'gateway path unavailable',
  11: 'gateway target did not answer',
}

/** Modbus messages (MODBUS Application Protocol 1.1b3; Modbus Messaging on TCP/IP 1.0b), length-delimited. */
export function readModbus(s: Scribe): void {
  s.group('Modbus', () => {
    s.field('transaction', () => s.u16())
    const protocol = s.field('protocol', () => s.u16())
    if (protocol !== 0) s.fail(`The protocol is ${protocol}, not 0: this is no Modbus.`)
    const length = s.field('length', () => s.u16())
    if (length < 2 || length > 254) s.fail(`The length is ${length}; it is 2 to 254.`)
    return s.within('message', length, () => {
      const unit = s.field('unit', () => s.u8())
      const code = s.field(
        'function',
        () => s.u8(),
        (each) => named(FUNCTIONS, each & 0x7f, `0x${each.toString(16)}`),
      )
      let value = `unit ${unit}, ${named(FUNCTIONS, code & 0x7f)}`
      if (code & 0x80) {
        value += ', exception'
        s.field(
          'exception',
          () => s.u8(),
          (each) => named(EXCEPTIONS, each),
        )
      } else readBody(s, code)
      return value
    })
  })
}

/** A request of these is 4 bytes; a response begins with the count of the bytes that follow. */
function readBody(s: Scribe, code: number): void {
  const size = s.left
  if (code >= 1 && code <= 4) {
    if (s.peek() === size - 1 && size !== 4) {
      const count = s.field('byte count', () => s.u8())
      if (code >= 3 && count % 2 === 0) registers(s, count)
      else s.rest('status', count)
    } else {
      s.field('address', () => s.u16())
      s.field('quantity', () => s.u16())
    }
  } else if (code === 5 || code === 6) {
    s.field('address', () => s.u16())
    s.field(
      'value',
      () => s.u16(),
      (value) => (code === 5 ? named({ 0: 'off', 0xff00: 'on' }, value) : String(value)),
    )
  } else if (code === 15 || code === 16) {
    s.field('address', () => s.u16())
    s.field('quantity', () => s.u16())
    if (s.left === 0) return
    const count = s.field('byte count', () => s.u8())
    if (code === 16 && count % 2 === 0) registers(s, count)
    else s.rest('values', count)
  } else s.rest('data', size, hexOf)
}

function registers(s: Scribe, count: number): void {
  for (let at = 0; at < count / 2; at++) s.field(`register ${at}`, () => s.u16())
}

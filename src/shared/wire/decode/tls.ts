import { hexOf, named, textOf, type Scribe } from './scribe'
import { ALERTS, CIPHER_SUITES, EXTENSIONS, GROUPS } from './tlsNames'

const CONTENTS: Readonly<Record<number, string>> = {
  20: 'change cipher spec',
  21: 'alert',
  22: 'handshake',
  23: 'application data',
  24: 'heartbeat',
}
const VERSIONS: Readonly<Record<number, string>> = {
  0x300: 'SSL 3.0',
  0x301: 'TLS 1.0',
  0x302: 'TLS 1.1',
  0x303: 'TLS 1.2',
  0x304: 'TLS 1.3',
}
const HANDSHAKES: Readonly<Record<number, string>> = {
  0: 'HelloRequest',
  1: 'ClientHello',
  2: 'ServerHello',
  4: 'NewSessionTicket',
  5: 'EndOfEarlyData',
  8: 'EncryptedExtensions',
  11: 'Certificate',
  12: 'ServerKeyExchange',
  13: 'CertificateRequest',
  14: 'ServerHelloDone',
  15: 'CertificateVerify',
  16: 'ClientKeyExchange',
  20: 'Finished',
  22: 'CertificateStatus',
  24: 'KeyUpdate',
}
const hex4 = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`
const version = (value: number): string => named(VERSIONS, value, hex4(value))
const suite = (value: number): string => named(CIPHER_SUITES, value, hex4(value))

/** Numbers of two bytes to the end of a list whose length stands before it. */
function list(s: Scribe, name: string, length: number, show: (value: number) => string): string {
  const shown: string[] = []
  s.within(name, length, () => {
    while (s.left > 0) shown.push(s.field(`[${shown.length}]`, () => show(s.u16())))
    return String(shown.length)
  })
  return shown.slice(0, 4).join(', ') + (shown.length > 4 ? ', …' : '')
}

function extensionBody(s: Scribe, kind: number, isClient: boolean): string {
  if (s.left === 0) return ''
  if (kind === 0) {
    let name = ''
    s.within(
      'names',
      s.field('names length', () => s.u16()),
      () => {
        while (s.left > 0) {
          s.field(
            'name type',
            () => s.u8(),
            (value) => named({ 0: 'host name' }, value),
          )
          const length = s.field('name length', () => s.u16())
          name = s.field('name', () => textOf(s.take(length)))
        }
        return name
      },
    )
    return name
  }
  if (kind === 16) {
    const names: string[] = []
    s.within(
      'protocols',
      s.field('protocols length', () => s.u16()),
      () => {
        while (s.left > 0) {
          const length = s.field('protocol length', () => s.u8())
          names.push(s.field('protocol', () => textOf(s.take(length))))
        }
        return names.slice(0, 8).join(', ')
      },
    )
    return names.slice(0, 8).join(', ')
  }
  if (kind === 43) {
    if (!isClient) return s.field('version', () => version(s.u16()))
    return list(
      s,
      'versions',
      s.field('versions length', () => s.u8()),
      version,
    )
  }
  if (kind === 10)
    return list(
      s,
      'groups',
      s.field('groups length', () => s.u16()),
      (value) => named(GROUPS, value, hex4(value)),
    )
  if (kind === 51 && isClient) {
    const shares: string[] = []
    s.within(
      'shares',
      s.field('shares length', () => s.u16()),
      () => {
        while (s.left > 0) shares.push(share(s))
        return shares.slice(0, 8).join(', ')
      },
    )
    return shares.slice(0, 8).join(', ')
  }
  if (kind === 51 && s.left > 2) return share(s)
  const data = s.bytes.subarray(s.at, s.end)
  s.rest('data', s.left)
  return hexOf(data)
}
function share(s: Scribe): string {
  const group = s.field('group', () => named(GROUPS, s.u16()))
  const length = s.field('key length', () => s.u16())
  s.rest('key', length)
  return group
}

function extensions(s: Scribe, isClient: boolean): { server: string; version: string } {
  const found = { server: '', version: '' }
  if (s.left === 0) return found
  s.within(
    'extensions',
    s.field('extensions length', () => s.u16()),
    () => {
      let count = 0
      for (; s.left > 0; count++) {
        const name = s.peek() * 256 + s.peek(1)
        s.group(`extension ${EXTENSIONS[name] ?? name}`, () => {
          const kind = s.field(
            'type',
            () => s.u16(),
            (value) => named(EXTENSIONS, value),
          )
          const length = s.field('length', () => s.u16())
          const value = length === 0 ? '' : s.within('body', length, () => extensionBody(s, kind, isClient))
          if (kind === 0 && isClient) found.server = value
          if (kind === 43 && !isClient) found.version = value
          return value
        })
      }
      return String(count)
    },
  )
  return found
}

function hello(s: Scribe, isClient: boolean): string {
  const legacy = s.field('version', () => version(s.u16()))
  s.field('random', () => hexOf(s.take(32)))
  s.rest(
    'session id',
    s.field('session id length', () => s.u8()),
  )
  if (isClient) {
    list(
      s,
      'cipher suites',
      s.field('cipher suites length', () => s.u16()),
      suite,
    )
    s.rest(
      'compression methods',
      s.field('compression methods length', () => s.u8()),
    )
    return extensions(s, true).server
  }
  const chosen = s.field('cipher suite', () => suite(s.u16()))
  s.field('compression method', () => s.u8())
  const found = extensions(s, false)
  return `${found.version || legacy}, ${chosen}`
}

function certificates(s: Scribe): string {
  let count = 0
  s.within(
    'certificates',
    s.field('certificates length', () => s.u24()),
    () => {
      for (; s.left > 0; count++) {
        const length = s.field('certificate length', () => s.u24())
        s.rest('certificate', length)
      }
      return String(count)
    },
  )
  return `${count} certificates`
}

/** Handshake messages in one record. Once keys are agreed they are ciphertext: the first byte or the length then makes no sense. */
function handshakes(s: Scribe): string {
  const kinds: string[] = []
  while (s.left > 0) {
    const kind = HANDSHAKES[s.peek()]
    const length = (s.peek(1) << 16) | (s.peek(2) << 8) | s.peek(3)
    if (kinds.length === 0 && (kind === undefined || (s.left >= 4 && length > 0x20000))) {
      s.rest('encrypted', s.left)
      return 'encrypted'
    }
    const told = s.group(kind ?? 'message', () => {
      const type = s.field(
        'type',
        () => s.u8(),
        (value) => named(HANDSHAKES, value),
      )
      const size = s.field('length', () => s.u24())
      if (size === 0) return ''
      // A message may go on in the next record.
      if (size > s.left && s.isScoped) {
        s.rest('first part', s.left)
        return `the first part of ${size} B`
      }
      return s.within('body', size, () => {
        if (type === 1 || type === 2) return hello(s, type === 1)
        if (type === 11 && s.peek() === 0 && s.left > 6) return certificates(s)
        s.rest('data', s.left)
        return ''
      })
    })
    kinds.push(`${kind ?? 'message'} ${told}`.trimEnd())
  }
  return kinds.slice(0, 4).join('; ')
}

/** One TLS record with its handshake messages (RFC 5246, RFC 8446). Nothing is decrypted. */
export function readTls(s: Scribe): void {
  s.group('TLS record', () => {
    const from = s.at
    const kind = s.field(
      'type',
      () => s.u8(),
      (value) => named(CONTENTS, value),
    )
    if (CONTENTS[kind] === undefined) {
      s.at = from
      s.fail(`The record type ${kind} is not known.`)
    }
    const major = s.peek()
    if (major !== 3 && major !== -1) s.fail(`The version begins with ${major}, not 3: this is no TLS.`)
    s.field('version', () => version(s.u16()))
    const length = s.field('length', () => s.u16())
    if (length > 16640) s.fail(`The length ${length} is beyond 16,640.`)
    if (length === 0) return CONTENTS[kind] ?? ''
    return s.within('content', length, () => {
      if (kind === 22) return handshakes(s)
      if (kind === 21 && length === 2) {
        const level = s.field(
          'level',
          () => s.u8(),
          (value) => named({ 1: 'warning', 2: 'fatal' }, value),
        )
        const alert = s.field(
          'alert',
          () => s.u8(),
          (value) => named(ALERTS, value),
        )
        return `alert: ${level === 2 ? 'fatal ' : ''}${named(ALERTS, alert)}`
      }
      s.rest(kind === 20 ? 'data' : 'encrypted', s.left)
      return CONTENTS[kind] ?? ''
    })
  })
}

import { fault, FaultError } from '../../shared/model/fault'
import { type FileWindow } from './fileWindow'
import { parsePayload, type SessionPayload } from './payloads'
import { tooNew, type NewerSession } from './versions'
import { BLOCK, BYTE_ORDER_MAGIC, ENTERPRISE, OPTION, padded } from './pcapng'

const MAX_HEADER_BYTES = 64 * 1024
/** pcap's magic numbers, of micro- and nanoseconds in both byte orders. */
const PCAP: ReadonlySet<number> = new Set([0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1])
/** How a gzip file begins (RFC 1952, 2.3.1). */
const GZIP = 0x8b1f

/** Reads what the section header of one of our recordings says. Throws Node's error, or a FaultError for any other file. */
export function readSession(window: FileWindow, file: string, fileBytes: number): SessionPayload {
  if (fileBytes === 0) {
    throw refusal(file, `${file} is empty.`, 'The recording had not begun, or something emptied the file.')
  }
  const at = fileBytes < 28 ? -1 : window.show(0, 28)
  const { bytes } = window
  const first = fileBytes < 4 ? -1 : window.show(0, 4)
  const type = first < 0 ? 0 : bytes.readUInt32LE(first)
  const isOurOrder = at >= 0 && bytes.readUInt32LE(at + 8) === BYTE_ORDER_MAGIC
  if (PCAP.has(type) || (type & 0xffff) === GZIP) throw foreign(file)
  if (type !== BLOCK.section) {
    throw refusal(
      file,
      `${file} is no recording: it does not begin as pcapng does.`,
      'Choose a .swb file, or a pcap file to import.',
    )
  }
  const length = isOurOrder ? bytes.readUInt32LE(at + 4) : 0
  const whole = length >= 28 && length <= MAX_HEADER_BYTES ? window.show(0, length) : -1
  const session = whole < 0 ? null : sessionIn(bytes.subarray(whole, whole + length))
  if (session === null) throw foreign(file)
  if (session.kind === 'newer') throw tooNew(file, session)
  return session
}

function sessionIn(header: Buffer): SessionPayload | NewerSession | null {
  for (let at = 24; at + 8 <= header.length;) {
    const code = header.readUInt16LE(at)
    const length = header.readUInt16LE(at + 2)
    if (code === OPTION.end || at + 4 + length > header.length - 4) return null
    if (code === OPTION.customText && length > 4 && header.readUInt32LE(at + 4) === ENTERPRISE) {
      const payload = parsePayload(header.subarray(at + 8, at + 4 + length))
      if (payload?.kind === 'session' || payload?.kind === 'newer') return payload
    }
    at += 4 + padded(length)
  }
  return null
}

function foreign(file: string): FaultError {
  return new FaultError(
    fault('SB_FOREIGN', `${file} is a capture, but no recording of Switchboard’s.`, {
      endpoint: file,
      hint: 'Import it: its conversations become a recording.',
    }),
  )
}

function refusal(file: string, summary: string, hint: string): FaultError {
  return new FaultError(fault('SB_CAPTURE', summary, { endpoint: file, hint }))
}

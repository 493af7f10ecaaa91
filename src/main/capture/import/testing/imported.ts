import { type SocketId } from '../../../../shared/model/ids'
import { type ImportReport } from '../../../../shared/model/imported'
import { type Direction, type Row, type SocketEvent } from '../../../../shared/model/record'
import { openRecording, type OpenedCapture } from '../../index/opened'
import { type Folder, output, value } from '../../testing/folder'
import { importCapture } from '../importCapture'

/** A recording that was made of a capture. */
export class Imported implements AsyncDisposable {
  readonly report: ImportReport
  readonly capture: OpenedCapture

  private constructor(report: ImportReport, capture: OpenedCapture) {
    this.report = report
    this.capture = capture
  }

  static async of(file: string, folder: Folder): Promise<Imported> {
    const report = value(await importCapture(file, folder.file(), { application: 'Switchboard test' }))
    return new Imported(report, value(await openRecording(report.output)))
  }

  /** All bytes of one direction. */
  async bytes(id: SocketId, direction: Direction): Promise<Buffer> {
    const { inBytes, outBytes } = this.capture.size(id)
    const end = direction === 'in' ? inBytes : outBytes
    const parts: Uint8Array[] = []
    for (let at = 0; at < end;) {
      const { bytes } = value(await this.capture.bytes(id, direction, at, Math.min(end, at + 65_536)))
      parts.push(bytes)
      at += bytes.length
    }
    return Buffer.concat(parts)
  }

  async rows(id: SocketId): Promise<readonly Row[]> {
    const rows: Row[] = []
    const { rows: end } = this.capture.size(id)
    while (rows.length < end) rows.push(...value(await this.capture.read(id, rows.length, end)))
    return rows
  }

  async events(id: SocketId): Promise<SocketEvent[]> {
    return (await this.rows(id)).flatMap((row) => (row.kind === 'event' ? [row.event] : []))
  }

  /** What Wireshark's Follow Stream would print of a direction: each gap as a sentence in its place. */
  async followed(id: SocketId, direction: Direction): Promise<string> {
    const bytes = await this.bytes(id, direction)
    const parts: Buffer[] = []
    let at = 0
    for (const event of await this.events(id)) {
      if (event.what !== 'gap' || event.direction !== direction) continue
      // tshark is silent about what is missing at the very end.
      if (event.offset === bytes.length) continue
      parts.push(bytes.subarray(at, event.offset))
      parts.push(Buffer.from(`[${event.lengthBytes} bytes missing in capture file]\0`))
      at = event.offset
    }
    return Buffer.concat([...parts, bytes.subarray(at)]).toString('hex')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.capture.close()
  }
}

/** What tshark's Follow Stream puts together of each side, in hex; `first` is whose packet came first. */
export async function follow(file: string, stream: number): Promise<{ first: string; second: string }> {
  const printed = await output('tshark', ['-n', '-q', '-r', file, '-z', `follow,tcp,raw,${stream}`])
  const lines = printed.split('\n').filter((line) => /^\t?[0-9a-f]+$/.test(line))
  const said = (isSecond: boolean): string =>
    lines
      .filter((line) => line.startsWith('\t') === isSecond)
      .map((line) => line.trim())
      .join('')
  return { first: said(false), second: said(true) }
}

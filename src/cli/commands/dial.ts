import { isDatagramEndpoint, parseEndpoint } from '../../shared/model/endpoint'
import { type ExitCode } from '../exitCodes'
import { must } from '../must'
import { openRecording } from '../recording'
import { type Terminal } from '../terminal'
import { dialDatagrams } from '../dialDatagrams'
import { dialStream } from '../dialStream'

export interface DialOptions {
  readonly record?: string
  readonly hex?: boolean
  readonly json?: boolean
  /** Seconds. */
  readonly idle: number
}

/** Calls an address and joins it to stdin and stdout. */
export async function dial(url: string, options: DialOptions, terminal: Terminal): Promise<ExitCode> {
  const to = must(parseEndpoint(url))
  const recording = await openRecording(options.record, terminal)
  try {
    return isDatagramEndpoint(to)
      ? await dialDatagrams(to, options, terminal, recording)
      : await dialStream(to, options, terminal, recording)
  } finally {
    await recording.close()
  }
}

import { basename } from 'node:path'
import {
  EXPERIMENT_VERSION,
  MAX_ENDPOINTS,
  MAX_FILE_BYTES,
  MAX_STEPS,
} from '../../../shared/model/experiment'
import { type ExportScope } from '../../../shared/model/export'
import { fault, FaultError } from '../../../shared/model/fault'
import { type CaptureReader } from '../../capture/types'
import { castOf, type Cast, type Role } from './cast'
import { scriptOf, type Line, type More } from './script'
import { readStory, tooMuch } from './story'
import { payloadYaml, quoted } from './yamlQuotes'

export interface SessionAsExperiment {
  readonly reader: CaptureReader
  readonly scope: ExportScope
  readonly signal: AbortSignal
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
}

/**
 * A session as an experiment that does the same again: what its sockets sent is sent, what they received is expected, in the order in
 * which it happened, and without its pauses. Throws a FaultError where it is more than an experiment can hold.
 */
export async function* sessionAsExperiment(options: SessionAsExperiment): AsyncGenerator<Uint8Array> {
  const { reader, scope, signal, onProgress } = options
  if (scope.stream !== 'both' || scope.rows !== undefined || scope.bytes !== undefined) {
    throw new FaultError(
      fault('SB_INPUT', 'An experiment is made of whole connections, with both of their directions.'),
    )
  }
  const story = await readStory(reader, scope.id, signal, onProgress)
  const cast = castOf(story)
  const lines = scriptOf(story, cast)
  if (cast.roles.length === 0 || lines.length === 0)
    throw new FaultError(fault('SB_INPUT', 'The session holds nothing that an experiment could do again.'))
  const text = written(reader, cast, lines)
  const bytes = new TextEncoder().encode(text)
  const steps = lines.filter(({ is }) => is === 'step').length
  if (steps > MAX_STEPS || cast.roles.length > MAX_ENDPOINTS || bytes.length > MAX_FILE_BYTES) {
    const payload = story.all.reduce((sum, each) => sum + (each.kind === 'data' ? each.bytes.length : 0), 0)
    throw new FaultError(tooMuch(payload, story.all.length))
  }
  yield bytes
}

function written(reader: CaptureReader, { roles, remarks }: Cast, lines: readonly Line[]): string {
  const name = basename(reader.file).replace(/\.(swb|pcapng)$/, '')
  const began = new Date(Number(reader.epochNanos / 1_000_000n)).toISOString()
  return [
    `switchboard: ${EXPERIMENT_VERSION}`,
    `name: ${quoted(name, '  ')}`,
    `about: ${quoted(`What was recorded on ${began.slice(0, 10)} at ${began.slice(11, 19)} UTC.`, '  ')}`,
    ...remarks.map(remarkYaml),
    'endpoints:',
    ...roles.map(roleYaml),
    'steps:',
    ...lines.map(lineYaml),
    '',
  ].join('\n')
}

function roleYaml({ name, does, address, behaviour, options }: Role): string {
  const more = Object.entries(options).map(([key, value]) => `${key}: ${value}`)
  const parts = [
    `${does}: ${quoted(address, '    ')}`,
    ...(behaviour === 'none' ? [] : [`behaviour: ${behaviourYaml(behaviour)}`]),
    ...(more.length === 0 ? [] : [`options: { ${more.join(', ')} }`]),
  ]
  return `  ${name}: { ${parts.join(', ')} }`
}

function behaviourYaml(behaviour: string): string {
  return /^[a-z]+$/.test(behaviour) ? behaviour : quoted(behaviour, '    ')
}

function lineYaml(line: Line): string {
  if (line.is === 'remark') return `  ${remarkYaml(line.text)}`
  return [`  - ${line.act}: ${line.at}`, ...line.more.map((each) => `    ${moreYaml(each)}`)].join('\n')
}

function moreYaml(more: More): string {
  if ('bytes' in more) return payloadYaml(more.bytes, '      ')
  return `${more.key}: ${more.isQuoted ? quoted(more.value, '      ') : more.value}`
}

function remarkYaml(text: string): string {
  return `# ${text.replace(/[\p{C}\u2028\u2029]/gu, '\u00b7')}`
}

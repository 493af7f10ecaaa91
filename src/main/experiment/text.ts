import {
  type CallExpectation,
  type EndpointName,
  type Expectation,
  type ExperimentStep,
  type Payload,
  type PlacelessStep,
} from '../../shared/model/experiment'
import { tcpStateName } from '../../shared/model/kernel'
import { kernelFields } from '../../shared/model/kernelFields'
import { formatDuration } from '../../shared/wire/duration'
import { visibleText } from '../../shared/wire/escape'
import { formatHex } from '../../shared/wire/hex'

const MAX_CHARACTERS = 200

/** A step in words: what is done, with which endpoint, and how. */
export interface StepText {
  readonly act: string
  readonly at: string
  readonly detail: string
}

export function nameText({ name, caller }: EndpointName): string {
  return caller === null ? name : `${name}[${caller}]`
}

export function stepText(step: ExperimentStep): StepText {
  switch (step.act) {
    case 'wait':
      return { act: step.act, at: '', detail: formatDuration(step.forMs) }
    case 'unlink':
      return { act: step.act, at: '', detail: step.path }
    case 'chmod':
      return { act: step.act, at: '', detail: `${step.path} ${step.mode.toString(8).padStart(3, '0')}` }
    case 'part':
      return { act: step.act, at: '', detail: step.name }
    case 'call':
      return { act: step.act, at: '', detail: `${cut(step.source)}${callExpectationText(step.expected)}` }
    case 'returns':
      return { act: step.act, at: step.on, detail: callExpectationText(step.expected).trimStart() }
    default:
      return { act: step.act, at: nameText(step.at), detail: detailOf(step) }
  }
}

function callExpectationText(expected: CallExpectation | null): string {
  switch (expected?.is) {
    case undefined:
      return ''
    case 'gives':
      return ` → ${cut(expected.text)}`
    case 'raises':
      return ` → ${expected.code}`
    case 'until':
      return ` until ${expected.code}`
    case 'blocks':
      return ' blocks'
  }
}

function detailOf(step: Exclude<ExperimentStep, PlacelessStep>): string {
  switch (step.act) {
    case 'look':
      return kernelFields[step.field].name
    case 'send':
      return `${payloadText(step.payload)}${step.to === null ? '' : ` to ${step.to}`}`
    case 'expect':
      return expectedText(step.expectation)
    default:
      return ''
  }
}

function payloadText(payload: Payload): string {
  return payload.is === 'file' ? `file ${visibleText(payload.path)}` : bytesText(payload.is, payload.bytes)
}

export function expectedText(expectation: Expectation): string {
  switch (expectation.is) {
    case 'text':
    case 'hex':
      return bytesText(expectation.is, expectation.bytes)
    case 'regex':
      return `/${cut(visibleText(expectation.written))}/`
    case 'length':
      return `${expectation.lengthBytes} B`
    case 'closed':
      return `closed (${expectation.how})`
    case 'error':
      return expectation.code
    case 'queue':
      return `accept queue ${expectation.length}`
    case 'dialling':
      return 'no answer'
    case 'nothing':
      return 'nothing'
    case 'kernel':
      return expectation.fields
        .map(
          ({ field, how, number }) =>
            `${kernelFields[field].name} ${how} ${field === 'state' ? tcpStateName(number) : number}`,
        )
        .join(', ')
  }
}

function bytesText(is: 'text' | 'hex', bytes: Uint8Array): string {
  if (bytes.length === 0) return '0 B'
  const some = bytes.subarray(0, MAX_CHARACTERS * 4)
  return is === 'hex' ? cut(formatHex(some)) : `"${cut(visibleText(new TextDecoder().decode(some)))}"`
}

const cut = (text: string): string =>
  text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text

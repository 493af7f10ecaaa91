import type { BenchForm } from './benchForm'
import type { BenchSocketId } from '@shared/model/ids'

/** A step fills the fields; `on` says which socket of those that were made since the template began, counted from 0. */
export interface TemplateStep {
  readonly on?: number
  readonly form: Partial<BenchForm>
  /** In the tutorial's words. */
  readonly what: string
}

export interface Template {
  readonly name: string
  readonly steps: readonly TemplateStep[]
}

const tcp = { call: 'socket', family: 'AF_INET', type: 'SOCK_STREAM', protocol: '0' } as const
const at = { address: '127.0.0.1:8060' } as const

export const templates: readonly Template[] = [
  {
    name: 'Phone call: server',
    steps: [
      { form: tcp, what: 'Buy a phone.' },
      {
        on: 0,
        form: { call: 'setsockopt', option: 'SO_REUSEADDR', value: '1' },
        what: 'The number may be taken again at once.',
      },
      { on: 0, form: { call: 'bind', ...at }, what: 'Insert the card: the address.' },
      { on: 0, form: { call: 'listen', backlog: 5 }, what: 'Power on.' },
      { on: 0, form: { call: 'accept' }, what: 'Wait for a call: this blocks until somebody calls.' },
      { on: 1, form: { call: 'recv', bufsize: 1024 }, what: 'Listen to what is said.' },
      { on: 1, form: { call: 'sendall', text: 'HELLO', format: 'text', times: 1 }, what: 'Answer.' },
      { on: 1, form: { call: 'close' }, what: 'Hang up.' },
      { on: 0, form: { call: 'close' }, what: 'Switch off.' },
    ],
  },
  {
    name: 'Phone call: client',
    steps: [
      { form: tcp, what: 'Buy a phone.' },
      { on: 0, form: { call: 'connect', ...at }, what: 'Dial.' },
      { on: 0, form: { call: 'sendall', text: 'hello', format: 'text', times: 1 }, what: 'Speak.' },
      {
        on: 0,
        form: { call: 'recv', bufsize: 1024 },
        what: 'Wait for the answer: this blocks until it comes.',
      },
      { on: 0, form: { call: 'close' }, what: 'Hang up.' },
    ],
  },
  {
    name: 'Backlog',
    steps: [
      { form: tcp, what: 'A listener that never accepts by itself.' },
      { on: 0, form: { call: 'bind', ...at }, what: 'Its address.' },
      {
        on: 0,
        form: { call: 'listen', backlog: 5 },
        what: 'The accept queue holds backlog + 1 on Linux: six.',
      },
      ...Array.from({ length: 7 }, (_, n): TemplateStep[] => [
        { form: tcp, what: `Caller ${n + 1} of 7.` },
        {
          on: n + 1,
          form: { call: 'connect', ...at },
          what:
            n < 6
              ? `Caller ${n + 1} is let in by the kernel.`
              : 'The seventh waits: its SYN is not answered.',
        },
      ]).flat(),
      {
        on: 0,
        form: { call: 'accept' },
        what: 'One is taken from the queue, and the seventh gets in at its next SYN.',
      },
    ],
  },
  {
    name: 'Empty message',
    steps: [
      { form: tcp, what: 'The server.' },
      { on: 0, form: { call: 'bind', ...at }, what: 'Its address.' },
      { on: 0, form: { call: 'listen', backlog: 5 }, what: 'It takes calls.' },
      { form: tcp, what: 'The client.' },
      { on: 1, form: { call: 'connect', ...at }, what: 'It calls.' },
      { on: 0, form: { call: 'accept' }, what: 'The server takes the call.' },
      { on: 2, form: { call: 'recv', bufsize: 1024 }, what: 'It waits for a word: this blocks.' },
      {
        on: 1,
        form: { call: 'send', text: '', format: 'text', times: 1 },
        what: 'Nothing is said: 0 bytes are sent, and recv still blocks.',
      },
      {
        on: 1,
        form: { call: 'send', text: 'hello', format: 'text', times: 1 },
        what: 'A word ends the wait.',
      },
    ],
  },
]

/** The fields of a step. @param made the sockets made since the template began */
export function filled(step: TemplateStep, made: readonly BenchSocketId[]): Partial<BenchForm> {
  return { flags: [], ...step.form, ...(step.on === undefined ? {} : { socket: made[step.on] ?? null }) }
}

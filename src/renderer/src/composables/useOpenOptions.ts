import { computed, ref, type ComputedRef, type Ref } from 'vue'
import type { Endpoint } from '@shared/model/endpoint'
import { fault, type Reply } from '@shared/model/fault'
import type { KernelOptions } from '@shared/model/options'
import { optionNames, type OptionName, type OptionValue } from '@shared/model/socketOptions'
import { parseOptionValue } from '@shared/model/socketOptions/optionText'
import type { OpenOptions } from '../actions/open'
import { openFields } from './openFields'

/** The form beside the address field, as written, by the words of its fields: what is empty leaves the kernel's default. */
export type OpenForm = Readonly<Record<string, string>>

export interface UseOpenOptions {
  readonly form: Ref<OpenForm>
  /** What it comes to, or what is wrong with what is written under names of the manual. */
  readonly options: ComputedRef<Reply<OpenOptions>>
  /** True while anything differs from what it is without options. */
  readonly isChanged: ComputedRef<boolean>
}

export function useOpenOptions(): UseOpenOptions {
  const form = ref<OpenForm>({})
  const options = computed(() => optionsOf(form.value))
  const isChanged = computed(() => Object.values(form.value).some((text) => text.trim() !== ''))
  return { form, options, isChanged }
}

type Value = boolean | number | string | KernelOptions

/** Set on each accepted connection, too, so that its own pane tells of it. */
const perCaller = ['noDelay', 'keepAlive', 'keepAliveDelayMs', 'ttl', 'receiveBufferBytes', 'sendBufferBytes']
/** Of those, what a listening socket has a use for itself. */
const listening = new Set(['receiveBufferBytes', 'sendBufferBytes'])
const ofListeners = new Set(['accept', 'backlog', 'fastOpenQueue', 'ipv6Only'])
const ofDials = new Set(['fastOpen', 'localHost', 'localPort'])

export function optionsOf(form: OpenForm): Reply<OpenOptions> {
  const kernel = parseKernelOptions(form['kernel'] ?? '')
  if (!kernel.ok) return kernel
  const values = new Map<string, Value>()
  for (const { word, is } of openFields) {
    const text = (form[word] ?? '').trim()
    if (text === '' || word === 'behaviour' || word === 'kernel') continue
    // What is no number becomes NaN, which the service refuses by name: better than to leave it out unsaid.
    values.set(word, is === 'flag' ? text === 'on' : is === 'number' ? Number(text) : text)
  }
  if (Object.keys(kernel.value).length > 0) values.set('kernel', kernel.value)
  const some = (isWanted: (word: string) => boolean): Record<string, Value> =>
    Object.fromEntries([...values].filter(([word]) => isWanted(word)))
  const has = (word: string, ...kinds: readonly Endpoint['kind'][]): boolean =>
    word === 'kernel' ||
    openFields.some((each) => each.word === word && kinds.some((kind) => each.on.includes(kind)))
  const accepted = some((word) => perCaller.includes(word))
  const localHost = values.get('localHost') as string | undefined
  const localPort = values.get('localPort') as number | undefined
  return {
    ok: true,
    value: {
      behaviour: form['behaviour']?.trim() || 'none',
      listen: {
        ...some(
          (word) =>
            has(word, 'tcp') && !ofDials.has(word) && (!perCaller.includes(word) || listening.has(word)),
        ),
        ...(Object.keys(accepted).length > 0 ? { accepted } : {}),
      },
      dial: some((word) => has(word, 'tcp') && !ofListeners.has(word)),
      udp: some((word) => has(word, 'udp', 'unixgram', 'raw') && !ofDials.has(word)),
      localHost,
      localPort,
    },
  }
}

/** `TCP_SYNCNT=2, TCP_CONGESTION=reno` */
function parseKernelOptions(text: string): Reply<KernelOptions> {
  const options: Partial<Record<OptionName, OptionValue>> = {}
  for (const part of text.split(/[,;\n]/).filter((each) => each.trim() !== '')) {
    const [written = '', ...rest] = part.split('=')
    const name = optionNames.find((each) => each === written.trim().toUpperCase())
    if (name === undefined || rest.length === 0) {
      return {
        ok: false,
        fault: fault('SB_INPUT', `"${part.trim()}" sets no option that is known here.`, {
          hint: 'Write NAME=VALUE, as TCP_SYNCNT=2; more of them with commas between.',
        }),
      }
    }
    const value = parseOptionValue(name, rest.join('='))
    if (!value.ok) return value
    options[name] = value.value
  }
  return { ok: true, value: options }
}

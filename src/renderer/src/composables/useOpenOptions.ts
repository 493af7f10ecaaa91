import { computed, ref, type ComputedRef, type Ref } from 'vue'
import type { OpenOptions } from '../actions/open'

/** The form beside the address field, as written: an empty field leaves the kernel's default. */
export interface OpenForm {
  behaviour: string
  noDelay: '' | 'on' | 'off'
  keepAlive: '' | 'on' | 'off'
  broadcast: '' | 'on' | 'off'
  reuseAddress: '' | 'on' | 'off'
  ipv6Only: '' | 'on' | 'off'
  ttl: string
  receiveBufferBytes: string
  sendBufferBytes: string
  backlog: string
  localHost: string
  localPort: string
}

const empty = (): OpenForm => ({
  behaviour: 'none',
  noDelay: '',
  keepAlive: '',
  broadcast: '',
  reuseAddress: '',
  ipv6Only: '',
  ttl: '',
  receiveBufferBytes: '',
  sendBufferBytes: '',
  backlog: '',
  localHost: '',
  localPort: '',
})

export interface UseOpenOptions {
  readonly form: Ref<OpenForm>
  readonly options: ComputedRef<OpenOptions>
  /** True while anything differs from what it is without options. */
  readonly isChanged: ComputedRef<boolean>
}

export function useOpenOptions(): UseOpenOptions {
  const form = ref(empty())
  const options = computed(() => optionsOf(form.value))
  const isChanged = computed(() => JSON.stringify(form.value) !== JSON.stringify(empty()))
  return { form, options, isChanged }
}

/** What is no number becomes NaN, which the service refuses by name: better than to leave it out unsaid. */
export function optionsOf(form: OpenForm): OpenOptions {
  const flag = (choice: '' | 'on' | 'off'): boolean | undefined =>
    choice === '' ? undefined : choice === 'on'
  const number = (text: string): number | undefined => (text.trim() === '' ? undefined : Number(text))
  const buffers = defined({
    ttl: number(form.ttl),
    receiveBufferBytes: number(form.receiveBufferBytes),
    sendBufferBytes: number(form.sendBufferBytes),
  })
  return {
    behaviour: form.behaviour.trim() || 'none',
    stream: { ...buffers, ...defined({ noDelay: flag(form.noDelay), keepAlive: flag(form.keepAlive) }) },
    udp: {
      ...buffers,
      ...defined({ broadcast: flag(form.broadcast), reuseAddress: flag(form.reuseAddress) }),
    },
    backlog: number(form.backlog),
    ipv6Only: flag(form.ipv6Only),
    localHost: form.localHost.trim() || undefined,
    localPort: number(form.localPort),
  }
}

/** Without the keys that have no value. */
function defined<T extends object>(of: T): T {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as T
}

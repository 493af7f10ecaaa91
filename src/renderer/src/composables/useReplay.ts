import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { CommandInput } from '@shared/contract/commands'
import type { Fault, Reply } from '@shared/model/fault'
import { reportOf, type ReplayReport, type ReplayStatus } from '@shared/model/replay'
import { call } from '../bridge/bridge'
import { useReplaysStore } from '../stores/replays'

export interface UsedReplay {
  /** Null before one was begun. */
  readonly status: ComputedRef<ReplayStatus | null>
  readonly report: Readonly<ShallowRef<ReplayReport | null>>
  readonly fault: Readonly<ShallowRef<Fault | null>>
  readonly begin: (asked: CommandInput<'replay.begin'>) => Promise<void>
  readonly pause: () => Promise<void>
  readonly resume: () => Promise<void>
  readonly step: () => Promise<void>
  readonly stop: () => Promise<void>
  /** Forgets it, wherever it is. */
  readonly end: () => Promise<void>
}

/** One replay at a time, from its beginning to its report. */
export function useReplay(): UsedReplay {
  const store = useReplaysStore()
  const number = shallowRef<number | null>(null)
  const report = shallowRef<ReplayReport | null>(null)
  const fault = shallowRef<Fault | null>(null)
  const status = computed(() => (number.value === null ? null : (store.all.get(number.value) ?? null)))

  async function begin(asked: CommandInput<'replay.begin'>): Promise<void> {
    await end()
    fault.value = null
    const began = await call('replay.begin', asked)
    if (!began.ok) {
      fault.value = began.fault
      return
    }
    // What an event has told is newer.
    if (!store.all.has(began.value.replay)) store.progressed(began.value)
    number.value = began.value.replay
  }

  async function act(ask: (replay: number) => Promise<Reply<null>>): Promise<void> {
    if (number.value === null) return
    const reply = await ask(number.value)
    fault.value = reply.ok ? null : reply.fault
  }

  async function end(): Promise<void> {
    const replay = number.value
    number.value = null
    report.value = null
    if (replay === null) return
    await call('replay.end', { replay })
    store.forget(replay)
  }

  watch(
    () => status.value?.phase === 'done',
    async (isDone) => {
      const replay = number.value
      if (!isDone || replay === null) return
      if (status.value?.fault !== undefined) {
        fault.value = status.value.fault
        return
      }
      const told = await call('replay.report', { replay })
      if (replay !== number.value) return
      if (told.ok) report.value = reportOf(told.value)
      else fault.value = told.fault
    },
  )

  return {
    status,
    report,
    fault,
    begin,
    pause: () => act((replay) => call('replay.pause', { replay })),
    resume: () => act((replay) => call('replay.resume', { replay })),
    step: () => act((replay) => call('replay.step', { replay })),
    stop: () => act((replay) => call('replay.stop', { replay })),
    end,
  }
}

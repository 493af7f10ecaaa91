import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { Fault } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import type { Program, ProgramLanguage } from '@shared/model/program'
import { call } from '../bridge/bridge'
import { useExperimentStore } from './experiment'

/** What is shown as a program: the experiment that is open, or what was recorded of a socket. */
export type ProgramSource = 'experiment' | { readonly socket: SocketId }

export const useProgramStore = defineStore('program', () => {
  const experiment = useExperimentStore()
  const source = shallowRef<ProgramSource | null>(null)
  const language = shallowRef<ProgramLanguage>('python')
  /** One end, all of them (null), or whichever is at hand. */
  const only = shallowRef<string | null | undefined>(undefined)
  const program = shallowRef<Program | null>(null)
  const fault = shallowRef<Fault | null>(null)
  /** Anew each time that one asks for it: the panel takes the focus. */
  const asked = shallowRef({})
  let cameFrom: HTMLElement | null = null
  let question = 0

  /** The experiment's step that is under way or was done last, counted from 0; null where the program is of none. */
  const step = computed(() => {
    const { status, isRunning } = experiment
    if (source.value !== 'experiment' || status === null) return null
    const isAt = isRunning ? status.isStepRunning : status.phase === 'failed'
    const at = isAt ? status.done : status.done - 1
    return at < 0 ? null : at
  })

  function open(of: ProgramSource): void {
    if (document.activeElement instanceof HTMLElement) cameFrom = document.activeElement
    const isSame =
      typeof of === 'object' && typeof source.value === 'object' && source.value?.socket === of.socket
    if (of !== source.value && !isSame) only.value = undefined
    source.value = of
    asked.value = {}
  }
  /** The focus goes back to where it was asked from. */
  function close(): void {
    source.value = null
    if (cameFrom?.isConnected === true) cameFrom.focus()
    cameFrom = null
  }

  async function write(): Promise<void> {
    const mine = ++question
    const of = source.value
    if (of === null) {
      program.value = null
      return
    }
    const wanted = { language: language.value }
    const number = experiment.shown?.experiment
    if (of === 'experiment' && number === undefined) return
    const reply =
      of === 'experiment'
        ? await call('program.ofExperiment', { ...wanted, experiment: number ?? 0, only: only.value ?? null })
        : await call('program.ofSocket', { ...wanted, id: of.socket, only: only.value })
    if (mine !== question) return
    program.value = reply.ok ? reply.value : null
    fault.value = reply.ok ? null : reply.fault
  }
  watch([source, language, only, () => experiment.shown], write)
  // The program of an experiment goes with it.
  watch(
    () => experiment.shown === null,
    (isGone) => {
      if (isGone && source.value === 'experiment') source.value = null
    },
  )

  return { source, language, only, program, fault, asked, step, open, close, write }
})

import { programText, type Program } from '@shared/model/program'
import { isConnectionId, isListenerId, isUdpId, type SocketId } from '@shared/model/ids'
import { host } from '../bridge/bridge'
import { useExperimentStore } from '../stores/experiment'
import { usePanesStore } from '../stores/panes'
import { useProblemsStore } from '../stores/problems'
import { useProgramStore } from '../stores/program'
import type { Action } from './action'

/** Shows the experiment that is open, also that of a lesson, as a program beside it. */
export function showProgram(): void {
  useProgramStore().open('experiment')
}

/** Shows what was recorded of a socket as a program. */
export function showProgramOf(socket: SocketId): void {
  useProgramStore().open({ socket })
}

/** Whether there can be a program of it: an experiment can do again what it did. */
export function hasProgram(id: SocketId): boolean {
  return isConnectionId(id) || isListenerId(id) || isUdpId(id)
}

/** Asks for a file and writes the program into it. */
export async function saveProgram(program: Program): Promise<void> {
  const reply = await host('text.save', { name: program.fileName, text: programText(program) })
  if (!reply.ok) useProblemsStore().arose(null, reply.fault)
}

export function programActions(): Action[] {
  const { shown } = useExperimentStore()
  const { active } = usePanesStore()
  const actions: Action[] = []
  if (shown !== null && shown.problems.length === 0)
    actions.push({
      id: 'program.ofExperiment',
      title: 'Show the experiment as a program: Python, Node, C',
      group: 'View',
      run: showProgram,
    })
  if (active !== null && hasProgram(active))
    actions.push({
      id: 'program.ofSocket',
      title: `Show ${active} as a program: Python, Node, C`,
      group: 'View',
      run: () => showProgramOf(active),
    })
  return actions
}

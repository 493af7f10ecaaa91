import { host } from '../bridge/bridge'
import { hasEnded, useSocketsStore } from '../stores/sockets'
import { useExperimentStore } from '../stores/experiment'
import { useLessonStore } from '../stores/lesson'
import { usePanesStore } from '../stores/panes'
import { useOpenedStore } from '../stores/opened'
import { useReplaysStore } from '../stores/replays'
import { useRecentStore } from '../stores/recent'
import { closeExperiment, runExperiment, stepExperiment, stopExperiment } from './experiment'
import { openExperiment } from './openExperiment'
import { askToExport } from './exportFiles'
import { openRecording } from './openRecording'
import {
  chooseSession,
  duplicateSession,
  newSession,
  openRecent,
  saveSession,
  saveSessionAs,
} from './sessions'
import type { Action } from './action'
import { problem, pressInActivePane } from './action'
import { forgetEnded } from './socketActions'

export function sessionActions(): Action[] {
  const sockets = useSocketsStore()
  const actions: Action[] = [
    {
      id: 'session.new',
      title: 'New session',
      keys: '$mod+n',
      group: 'Session',
      run: () => void newSession(),
    },
    {
      id: 'session.choose',
      title: 'Open session…',
      keys: '$mod+o',
      group: 'Session',
      run: () => void chooseSession(),
    },
    {
      id: 'session.save',
      title: 'Save session',
      keys: '$mod+s',
      group: 'Session',
      run: () => void saveSession(),
    },
    {
      id: 'session.saveAs',
      title: 'Save session as…',
      keys: '$mod+Shift+s',
      group: 'Session',
      run: () => void saveSessionAs(),
    },
    {
      id: 'session.duplicate',
      title: 'Duplicate session…',
      group: 'Session',
      run: () => void duplicateSession(),
    },
    {
      id: 'session.open',
      title: 'Open a recording beside, or import a capture…',
      keys: '$mod+Alt+o',
      group: 'Session',
      run: () => void openRecording(),
    },
    {
      id: 'replay.open',
      title: 'Replay…',
      keys: '$mod+Shift+p',
      group: 'Session',
      run: () => askToReplay(),
    },
    {
      id: 'experiment.open',
      title: 'Open an experiment…',
      keys: '$mod+Shift+o',
      group: 'Session',
      run: () => void openExperiment(),
    },
    ...experimentActions(),
    {
      id: 'export.open',
      title: 'Export the traffic to a file',
      keys: '$mod+e',
      group: 'Session',
      run: () => {
        if (!pressInActivePane('[data-export]')) askToExport({ id: null, stream: 'both' })
      },
    },
    {
      id: 'recording.reveal',
      title: 'Show the recording in its folder',
      group: 'Session',
      run: () =>
        void host('recording.reveal', {}).then((reply) => {
          if (!reply.ok) problem(null, reply.fault)
        }),
    },
  ]
  for (const file of useRecentStore().files) {
    actions.push({
      id: `recent.open ${file}`,
      title: `Open recent: ${file}`,
      group: 'Session',
      run: () => void openRecent(file),
    })
  }
  if ([...sockets.all.values()].some(hasEnded)) {
    actions.push({
      id: 'socket.forgetEnded',
      title: 'Clear ended entries from the list',
      group: 'Session',
      run: () => void forgetEnded(),
    })
  }
  return actions
}

/** Of the recording to which the pane in front belongs. */
export function askToReplay(): void {
  const { active } = usePanesStore()
  useReplaysStore().open(active !== null && useOpenedStore().bySocket.has(active) ? active : null)
}

function experimentActions(): Action[] {
  const { shown, isRunning } = useExperimentStore()
  // What is done in a lesson, the lesson says.
  if (shown === null || useLessonStore().shown !== null) return []
  const group = 'Session'
  const close: Action = {
    id: 'experiment.close',
    title: 'Put the experiment away',
    group,
    run: () => void closeExperiment(),
  }
  if (isRunning) {
    return [
      {
        id: 'experiment.stop',
        title: 'Stop the experiment',
        keys: 'Shift+F9',
        group,
        run: () => void stopExperiment(),
      },
      close,
    ]
  }
  return [
    { id: 'experiment.run', title: 'Run the experiment', keys: 'F9', group, run: () => void runExperiment() },
    {
      id: 'experiment.step',
      title: 'Take the next step of the experiment',
      keys: 'F8',
      group,
      run: () => void stepExperiment(),
    },
    close,
  ]
}

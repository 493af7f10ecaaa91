import { call, host } from '../bridge/bridge'
import { hasEnded, useSocketsStore } from '../stores/sockets'
import { useComparesStore } from '../stores/compares'
import { useExperimentStore } from '../stores/experiment'
import { useLadderStore } from '../stores/ladder'
import { useMergedStore } from '../stores/merged'
import { usePanesStore } from '../stores/panes'
import { usePicturedStore } from '../stores/pictured'
import { useProblemsStore } from '../stores/problems'
import { useOpenedStore } from '../stores/opened'
import { useReplaysStore } from '../stores/replays'
import { useRecentStore } from '../stores/recent'
import { useThemeSwitch } from '../composables/useTheme'
import { closeExperiment, openExperiment, runExperiment, stepExperiment, stopExperiment } from './experiment'
import { openBench } from './bench'
import { askToExport } from './exportFiles'
import { phoneCall } from './open'
import { openRecording } from './openRecording'
import { cycleRegions } from './regions'
import {
  chooseSession,
  duplicateSession,
  newSession,
  openRecent,
  saveSession,
  saveSessionAs,
} from './sessions'
import type { SocketId } from '@shared/model/ids'
import type { Fault, Reply } from '@shared/model/fault'

/** Something that the palette, a key or the application's menu can do. */
export interface Action {
  readonly id: string
  readonly title: string
  /** As tinykeys writes it; `$mod` is Ctrl, or Cmd on a Mac. */
  readonly keys?: string
  /** Where it stands in the palette when nothing has been typed. */
  readonly group: 'Open' | 'Pane' | 'Connection' | 'View' | 'Session'
  run(): void
}

/** Elements that actions go to; each belongs to one component. */
export const targets = {
  address: null as HTMLInputElement | null,
  openPalette: (): void => undefined,
  submitAddress: (_act: 'listen' | 'dial' | 'bind'): void => undefined,
}

async function report(id: SocketId, asked: Promise<Reply<unknown>>): Promise<void> {
  const reply = await asked
  if (!reply.ok) problem(id, reply.fault)
}

function problem(id: SocketId | null, of: Fault): void {
  useProblemsStore().arose(id, of)
}

/** Everything there is to do, as things stand now: what cannot be done just now is left out. */
export function currentActions(): readonly Action[] {
  const panes = usePanesStore()
  return [
    ...openActions(),
    ...connectionActions(panes.active),
    ...paneActions(),
    ...viewActions(),
    ...sessionActions(),
  ]
}

function openActions(): Action[] {
  return [
    {
      id: 'address.focus',
      title: 'Go to the address field',
      keys: '$mod+l',
      group: 'Open',
      run: () => focusAddress(),
    },
    {
      id: 'endpoint.listen',
      title: 'Listen on the address',
      group: 'Open',
      run: () => targets.submitAddress('listen'),
    },
    {
      id: 'endpoint.dial',
      title: 'Dial the address',
      group: 'Open',
      run: () => targets.submitAddress('dial'),
    },
    {
      id: 'endpoint.bind',
      title: 'Bind a datagram socket (UDP, Unix, raw) to the address',
      group: 'Open',
      run: () => targets.submitAddress('bind'),
    },
    {
      id: 'bench.open',
      title: 'New syscall bench: sockets, one call at a time',
      keys: '$mod+b',
      group: 'Open',
      run: () => void openBench(),
    },
    {
      id: 'demo.open',
      title: 'Try the phone call: a listener and two clients',
      group: 'Open',
      run: () => void phoneCall(),
    },
  ]
}

function connectionActions(active: SocketId | null): Action[] {
  if (active === null) return []
  const summary = useSocketsStore().all.get(active)
  if (summary === undefined || hasEnded(summary)) return []
  const { id } = summary
  const group = 'Connection'
  switch (summary.kind) {
    case 'listener':
      return [
        {
          id: 'listener.close',
          title: `Close listener ${id}`,
          group,
          run: () => void report(id, call('listener.close', { id: summary.id })),
        },
      ]
    case 'udp':
    case 'unixgram':
    case 'raw':
      return [
        {
          id: 'udp.close',
          title: `Close ${id}`,
          group,
          run: () => void report(id, call('udp.close', { id: summary.id })),
        },
      ]
    case 'bench':
      return [
        {
          id: 'bench.close',
          title: `Close bench ${id} and its sockets`,
          group,
          run: () => void report(id, call('bench.close', { id: summary.id })),
        },
      ]
    case 'benchSocket':
      return []
    case 'connection': {
      const c = summary.id
      return [
        {
          id: 'connection.close',
          title: `Close ${id} (FIN)`,
          group,
          run: () => void report(id, call('connection.close', { id: c })),
        },
        {
          id: 'connection.halfClose',
          title: `Half-close ${id} (shut down sending)`,
          group,
          run: () => void report(id, call('connection.halfClose', { id: c })),
        },
        {
          id: 'connection.reset',
          title: `Reset ${id} (RST)`,
          group,
          run: () => void report(id, call('connection.reset', { id: c })),
        },
        summary.isReadingPaused
          ? {
              id: 'connection.resume',
              title: `Resume reading ${id}`,
              group,
              run: () => void report(id, call('connection.resume', { id: c })),
            }
          : {
              id: 'connection.pause',
              title: `Pause reading ${id}`,
              group,
              run: () => void report(id, call('connection.pause', { id: c })),
            },
      ]
    }
  }
}

function paneActions(): Action[] {
  const panes = usePanesStore()
  const sockets = useSocketsStore()
  const actions: Action[] = panes.open.slice(0, 9).map((id, index) => ({
    id: `pane.${index + 1}`,
    title: `Go to pane ${index + 1}: ${id}`,
    keys: `$mod+${index + 1}`,
    group: 'Pane',
    run: () => panes.activateAt(index),
  }))
  for (const id of sockets.all.keys()) {
    if (actions.length >= 100) break
    if (!panes.open.includes(id))
      actions.push({
        id: `pane.open.${id}`,
        title: `Open pane ${id}`,
        group: 'Pane',
        run: () => panes.show(id),
      })
  }
  const putAway = panes.putAway.findLast((id) => sockets.all.has(id))
  if (putAway !== undefined) {
    actions.push({
      id: 'pane.reopen',
      title: `Bring back pane ${putAway}, which was put away last`,
      keys: '$mod+Shift+t',
      group: 'Pane',
      run: () => panes.show(putAway),
    })
  }
  const { active } = panes
  if (active !== null) {
    actions.push(
      {
        id: 'pane.close',
        title: `Put pane ${active} away (its socket stays open)`,
        keys: '$mod+w',
        group: 'Pane',
        run: () => panes.close(active),
      },
      { id: 'pane.next', title: 'Next pane', keys: '$mod+Tab', group: 'Pane', run: () => panes.step(1) },
      {
        id: 'pane.previous',
        title: 'Previous pane',
        keys: '$mod+Shift+Tab',
        group: 'Pane',
        run: () => panes.step(-1),
      },
      {
        id: 'find.open',
        title: `Find in the traffic of ${active}`,
        keys: '$mod+f',
        group: 'Pane',
        run: () => pressInActivePane('[data-find]'),
      },
      {
        id: 'filter.open',
        title: `Filter the rows of ${active}`,
        keys: '$mod+Shift+f',
        group: 'Pane',
        run: () => pressInActivePane('[data-filter]'),
      },
      {
        id: 'pictures.open',
        title: `Show or hide the pictures of ${active}: throughput, sizes, gaps, map`,
        group: 'Pane',
        run: () => pressInActivePane('[data-pictures]'),
      },
      {
        id: 'kernel.open',
        title: `Show or hide the kernel’s view of ${active}: state, queues, TCP_INFO`,
        keys: 'Alt+5',
        group: 'Pane',
        run: () => pressInActivePane('[data-kernel]'),
      },
      {
        id: 'jump.open',
        title: `Go to a row, offset, time or mark of ${active}`,
        keys: '$mod+g',
        group: 'Pane',
        run: () => pressInActivePane('[data-jump]'),
      },
      ...(['Conversation', 'Hex', 'Text', 'Frames'] as const).map((view, index) => ({
        id: `view.${view.toLowerCase()}`,
        title: `Show ${active} as ${view.toLowerCase()}`,
        keys: `Alt+${index + 1}`,
        group: 'Pane' as const,
        run: () => pressInActivePane(`input[type="radio"][data-view="${view}"]`),
      })),
    )
  }
  return actions
}

/** As many as there is room for side by side. */
const MOST_IN_LADDER = 8

function viewActions(): Action[] {
  const { active, open } = usePanesStore()
  return [
    {
      id: 'compare.open',
      title: 'Compare two streams or ranges of bytes…',
      group: 'View',
      run: () => useComparesStore().open(null),
    },
    {
      id: 'pictures.session',
      title: 'Pictures of the whole session',
      group: 'View',
      run: () => usePicturedStore().open(),
    },
    {
      id: 'ladder.open',
      title: 'Ladder: what went when between sockets…',
      keys: '$mod+Shift+d',
      group: 'View',
      run: () => useLadderStore().open(active === null ? open.slice(0, MOST_IN_LADDER) : [active]),
    },
    {
      id: 'merged.open',
      title: 'Merged view: several sockets on one time axis…',
      group: 'View',
      run: () => useMergedStore().open(),
    },
    {
      id: 'palette.open',
      title: 'Commands',
      keys: '$mod+k',
      group: 'View',
      run: () => targets.openPalette(),
    },
    {
      id: 'theme.toggle',
      title: 'Switch the theme between dark and light',
      keys: '$mod+Shift+l',
      group: 'View',
      run: () => useThemeSwitch().toggle(),
    },
    {
      id: 'theme.system',
      title: 'Theme: dark or light as the system has it',
      group: 'View',
      run: () => useThemeSwitch().followSystem(),
    },
    {
      id: 'view.nextRegion',
      title: 'Next part of the window',
      keys: 'F6',
      group: 'View',
      run: () => cycleRegions(1),
    },
    {
      id: 'view.previousRegion',
      title: 'Previous part of the window',
      keys: 'Shift+F6',
      group: 'View',
      run: () => cycleRegions(-1),
    },
    {
      id: 'view.resetLayout',
      title: 'Arrange panes side by side',
      group: 'View',
      run: () => usePanesStore().resetLayout(),
    },
  ]
}

function sessionActions(): Action[] {
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
  if (shown === null) return []
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

/** Takes one entry off the list, and its pane away; the record keeps it. */
export async function forget(id: SocketId): Promise<void> {
  await report(id, call('socket.forget', { id }))
}

/** Takes everything that has ended off the list; the record keeps it. */
export async function forgetEnded(): Promise<void> {
  const ended = [...useSocketsStore().all.values()].filter(hasEnded)
  await Promise.all(ended.map(({ id }) => forget(id)))
}

export function focusAddress(): void {
  targets.address?.focus()
  targets.address?.select()
}

/** Presses something in the active pane: the pane itself keeps its views and its find bar. False where it has no such thing. */
function pressInActivePane(selector: string): boolean {
  const { active } = usePanesStore()
  const pane = document.querySelector(`[data-pane="${active ?? ''}"]`)
  const found = pane?.querySelector<HTMLElement>(selector)
  found?.click()
  return found !== null && found !== undefined
}

import { useSocketsStore } from '../stores/sockets'
import { usePanesStore } from '../stores/panes'
import type { Action } from './action'
import type { Keys } from './keys'
import { pressInActivePane } from './action'

export function paneActions(): Action[] {
  const panes = usePanesStore()
  const sockets = useSocketsStore()
  const actions: Action[] = panes.open.slice(0, 9).map((id, index) => ({
    id: `pane.${index + 1}`,
    title: `Go to pane ${index + 1}: ${id}`,
    keys: `$mod+${index + 1}` as Keys,
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
        keys: `Alt+${index + 1}` as Keys,
        group: 'Pane' as const,
        run: () => pressInActivePane(`input[type="radio"][data-view="${view}"]`),
      })),
    )
  }
  return actions
}

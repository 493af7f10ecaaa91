import { useComparesStore } from '../stores/compares'
import { useLadderStore } from '../stores/ladder'
import { useMergedStore } from '../stores/merged'
import { usePanesStore } from '../stores/panes'
import { usePicturedStore } from '../stores/pictured'
import { useReferenceStore } from '../stores/reference'
import { useThemeSwitch } from '../composables/useTheme'
import { openReferenceHere } from './reference'
import { cycleRegions } from './regions'
import type { Action } from './action'
import { targets } from './action'

/** As many as there is room for side by side. */
const MOST_IN_LADDER = 8

export function viewActions(): Action[] {
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
      id: 'reference.open',
      title: 'Reference: what a word means…',
      group: 'View',
      run: () => useReferenceStore().open(null),
    },
    {
      id: 'reference.here',
      title: 'Reference: the word that is selected, or has the focus',
      keys: 'F1',
      group: 'View',
      run: () => void openReferenceHere(),
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

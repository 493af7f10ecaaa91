import type { Action } from './action'
import { usePanesStore } from '../stores/panes'
import { openActions, connectionActions } from './socketActions'
import { paneActions } from './paneActions'
import { programActions } from './program'
import { viewActions } from './viewActions'
import { lessonActions } from './lessonActions'
import { sessionActions } from './sessionActions'

/** Everything there is to do, as things stand now: what cannot be done just now is left out. */
export function currentActions(): readonly Action[] {
  const panes = usePanesStore()
  return [
    ...openActions(),
    ...connectionActions(panes.active),
    ...paneActions(),
    ...viewActions(),
    ...programActions(),
    ...sessionActions(),
    ...lessonActions(),
  ]
}

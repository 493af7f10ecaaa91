import { tinykeys } from 'tinykeys'
import { currentActions } from './actions'
import { everyKeys } from './keys'

/** Keys that work everywhere in the window. Which of them do something just now is asked when one is pressed. */
export function bindHotkeys(): () => void {
  const bindings: Record<string, (event: KeyboardEvent) => void> = {}
  for (const keys of everyKeys) {
    bindings[keys] = (event) => {
      const action = currentActions().find((each) => each.keys === keys)
      if (action === undefined) return
      event.preventDefault()
      action.run()
    }
  }
  return tinykeys(window, bindings)
}

/** `Ctrl+Shift+L`, or with the signs of a Mac. */
export function describeKeys(keys: string, isMac: boolean): string {
  const names: Readonly<Record<string, string>> = isMac
    ? { $mod: '⌘', Shift: '⇧', Alt: '⌥' }
    : { $mod: 'Ctrl', Shift: 'Shift', Alt: 'Alt' }
  const parts = keys.split('+').map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part))
  return parts.join(isMac ? '' : '+')
}

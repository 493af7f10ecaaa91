import { tinykeys } from 'tinykeys'
import { currentActions } from './actions'

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

const everyKeys: readonly string[] = [
  '$mod+e',
  '$mod+f',
  '$mod+g',
  '$mod+Shift+f',
  '$mod+k',
  '$mod+l',
  '$mod+n',
  '$mod+o',
  '$mod+s',
  '$mod+Shift+s',
  '$mod+Alt+o',
  '$mod+Shift+p',
  '$mod+Shift+o',
  '$mod+Shift+l',
  '$mod+Shift+t',
  '$mod+w',
  '$mod+Tab',
  '$mod+Shift+Tab',
  'F6',
  'Shift+F6',
  'F8',
  'F9',
  'Shift+F9',
  'Alt+1',
  'Alt+2',
  'Alt+3',
  'Alt+4',
  'Alt+5',
  ...Array.from({ length: 9 }, (_, index) => `$mod+${index + 1}`),
]

/** `Ctrl+Shift+L`, or with the signs of a Mac. */
export function describeKeys(keys: string, isMac: boolean): string {
  const names: Readonly<Record<string, string>> = isMac
    ? { $mod: '⌘', Shift: '⇧', Alt: '⌥' }
    : { $mod: 'Ctrl', Shift: 'Shift', Alt: 'Alt' }
  const parts = keys.split('+').map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part))
  return parts.join(isMac ? '' : '+')
}

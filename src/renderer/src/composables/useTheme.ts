import { onScopeDispose, shallowRef, watchEffect } from 'vue'
import { useSettingsStore } from '../stores/settings'

export interface ThemeSwitch {
  readonly isDark: Readonly<{ value: boolean }>
  toggle(): void
  followSystem(): void
}

const isDark = shallowRef(true)

/** Dark or light: as the system has it, until the user chooses. Shown by `data-theme` on the root element. */
export function useTheme(): void {
  const settings = useSettingsStore()
  const query = window.matchMedia('(prefers-color-scheme: dark)')
  const systemIsDark = shallowRef(query.matches)
  const onChange = (event: MediaQueryListEvent): void => {
    systemIsDark.value = event.matches
  }
  query.addEventListener('change', onChange)
  onScopeDispose(() => query.removeEventListener('change', onChange))
  watchEffect(() => {
    const { theme } = settings.values
    isDark.value = theme === 'system' ? systemIsDark.value : theme === 'dark'
    document.documentElement.dataset.theme = isDark.value ? 'dark' : 'light'
  })
}

/** For whoever shows or changes the theme. */
export function useThemeSwitch(): ThemeSwitch {
  const settings = useSettingsStore()
  return {
    isDark,
    toggle() {
      settings.values.theme = isDark.value ? 'light' : 'dark'
    },
    followSystem() {
      settings.values.theme = 'system'
    },
  }
}

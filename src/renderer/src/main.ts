import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { fault } from '@shared/model/fault'
import { useProblemsStore } from './stores/problems'
import { firstPaint } from './composables/firstPaint'
import { followSession } from './stores/session'
import { useSettingsStore } from './stores/settings'
import './styles/tokens.css'
import './styles/base.css'
import './styles/lineGrid.css'

const app = createApp(App).use(createPinia())
// A defect in one component is told where problems are told, and does not stop the others.
app.config.errorHandler = (error) => {
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
  useProblemsStore().arose(null, fault('SB_BUG', `A defect in the window: ${told.slice(0, 600)}`))
}
await useSettingsStore().load()
app.mount('#app')
await firstPaint
await followSession()

import { parseEndpoint } from '../../../shared/model/endpoint'
import { parseBehaviour } from '../../behaviours/behaviours'
import { type Area } from './area'

export const listenerHandlers: Area<'listener'> = {
  'listener.open'({ at, behaviour, options }, { engine }) {
    const endpoint = parseEndpoint(at)
    if (!endpoint.ok) return endpoint
    const parsed = parseBehaviour(behaviour ?? 'none')
    if (!parsed.ok) return parsed
    return engine.listen(endpoint.value, parsed.value, options)
  },

  'listener.close': ({ id }, { engine }) => engine.closeListener(id),

  'listener.setAccept': ({ id, mode }, { engine }) => engine.setAccept(id, mode),
  'listener.accept': ({ id }, { engine }) => engine.accept(id),

  'listener.behave'({ id, behaviour }, { engine }) {
    const parsed = parseBehaviour(behaviour)
    return parsed.ok ? engine.behave(id, parsed.value) : parsed
  },

  'listener.broadcast': ({ id, bytes }, { engine }) => engine.broadcast(id, bytes),
}

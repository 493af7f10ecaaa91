import { parseEndpoint } from '../../../shared/model/endpoint'
import { parseDatagramBehaviour } from '../../behaviours/behaviours'
import { type Area } from './area'

export const udpHandlers: Area<'udp'> = {
  async 'udp.bind'({ at, behaviour, options }, { engine }) {
    const endpoint = parseEndpoint(at)
    if (!endpoint.ok) return endpoint
    if (behaviour === undefined || behaviour.trim() === 'none') return engine.bindUdp(endpoint.value, options)
    const parsed = parseDatagramBehaviour(behaviour)
    if (!parsed.ok) return parsed
    const bound = await engine.bindUdp(endpoint.value, options)
    return bound.ok ? engine.behaveUdp(bound.value.id, parsed.value) : bound
  },
  'udp.behave'({ id, behaviour }, { engine }) {
    const parsed = parseDatagramBehaviour(behaviour)
    return parsed.ok ? engine.behaveUdp(id, parsed.value) : parsed
  },
  'udp.send'({ id, to, bytes }, { engine }) {
    if (to === undefined) return engine.sendUdp(id, bytes, null)
    const endpoint = parseEndpoint(to)
    return endpoint.ok ? engine.sendUdp(id, bytes, endpoint.value) : endpoint
  },
  'udp.connect'({ id, to }, { engine }) {
    const endpoint = parseEndpoint(to)
    return endpoint.ok ? engine.connectUdp(id, endpoint.value) : endpoint
  },
  'udp.disconnect': ({ id }, { engine }) => engine.disconnectUdp(id),
  'udp.joinGroup': ({ id, group, networkInterface }, { engine }) =>
    engine.joinGroup(id, group, networkInterface),
  'udp.leaveGroup': ({ id, group, networkInterface }, { engine }) =>
    engine.leaveGroup(id, group, networkInterface),
  'udp.setOptions': ({ id, options }, { engine }) => engine.setUdpOptions(id, options),
  'udp.close': ({ id }, { engine }) => engine.closeUdp(id),
}

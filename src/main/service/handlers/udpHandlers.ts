import { parseEndpoint } from '../../../shared/model/endpoint'
import { type Area } from './area'

export const udpHandlers: Area<'udp'> = {
  'udp.bind'({ at, options }, { engine }) {
    const endpoint = parseEndpoint(at)
    return endpoint.ok ? engine.bindUdp(endpoint.value, options) : endpoint
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

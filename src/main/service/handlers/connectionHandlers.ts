import { parseEndpoint } from '../../../shared/model/endpoint'
import { type Area } from './area'

export const connectionHandlers: Area<'connection'> = {
  'connection.dial'({ to, options }, { engine }) {
    const endpoint = parseEndpoint(to)
    return endpoint.ok ? engine.dial(endpoint.value, options) : endpoint
  },
  'connection.send': ({ id, bytes }, { engine }) => engine.send(id, bytes),
  'connection.sendFile': ({ id, grant }, { files }) => files.send(id, grant),
  'connection.cancelFile': ({ id }, { files }) => files.cancel(id),
  'connection.close': ({ id }, { engine }) => engine.close(id),
  'connection.halfClose': ({ id }, { engine }) => engine.halfClose(id),
  'connection.reset': ({ id }, { engine }) => engine.reset(id),
  'connection.pause': ({ id }, { engine }) => engine.pause(id),
  'connection.resume': ({ id }, { engine }) => engine.resume(id),
  'connection.setOptions': ({ id, options }, { engine }) => engine.setStreamOptions(id, options),
}

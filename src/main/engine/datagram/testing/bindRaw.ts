import { parseEndpoint } from '../../../../shared/model/endpoint'
import { createEngine } from '../../engine'
import { MemoryRecorder } from '../../testing/memoryRecorder'

/** Binds what its first argument says and prints the fault, or null: for tests under another user's rights. */
const [address = '', watcher = ''] = process.argv.slice(2)
const engine = createEngine({ recorder: new MemoryRecorder(), watcher })
const endpoint = parseEndpoint(address)
const reply = endpoint.ok ? await engine.bindUdp(endpoint.value) : endpoint
process.stdout.write(JSON.stringify(reply.ok ? null : reply.fault))
await engine.dispose()

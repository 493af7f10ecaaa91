import { fileURLToPath } from 'node:url'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { type FromWorker, type ServiceOptions, type Tap, type ToWorker } from './api'
import { createService, type LocalService } from './service'

/** The worker thread's entry: the service on one side, the host's messages on the other. It holds no state of its own but the taps. */
async function run(port: MessagePort, options: ServiceOptions): Promise<void> {
  const post = (message: FromWorker): void => port.postMessage(message)
  const cancel = new AbortController()
  const onCancel = ({ type }: ToWorker): void => {
    if (type === 'cancelOpening') cancel.abort()
  }
  port.on('message', onCancel)
  const created = await createService(options, (text) => post({ type: 'log', text }), {
    onProgress: (doneBytes, totalBytes) => post({ type: 'opening', doneBytes, totalBytes }),
    signal: cancel.signal,
  })
  port.off('message', onCancel)
  if (!created.ok) {
    post({ type: 'failed', fault: created.fault })
    port.close()
    return
  }
  const service = created.value
  service.onEvents((events) => post({ type: 'events', json: JSON.stringify(events) }))
  relay(port, post, service)
  post({ type: 'ready', file: service.capture.file })
}

function relay(port: MessagePort, post: (message: FromWorker) => void, service: LocalService): void {
  const taps = new Map<number, Tap>()

  let { file } = service.capture

  async function answer(call: number, name: string, input: unknown): Promise<void> {
    const reply = await service.call(name, input)
    if (service.capture.file !== file) {
      file = service.capture.file
      post({ type: 'moved', file })
    }
    post({ type: 'reply', call, reply })
  }
  async function close(): Promise<void> {
    await service.close()
    post({ type: 'closed' })
    port.close()
  }

  port.on('message', (message: ToWorker) => {
    switch (message.type) {
      case 'call':
        return void answer(message.call, message.name, message.input)
      case 'grantFile':
        return void service.grantFile(message.path, message.grant)
      case 'grantTarget':
        return void service.grantTarget(message.path, message.grant)
      case 'openTap': {
        const { tap } = message
        taps.set(
          tap,
          service.openTap(message.id, message.from, (each) => post({ type: 'tap', tap, message: each })),
        )
        return
      }
      case 'settleTap':
        return taps.get(message.tap)?.settle(message.bytes)
      case 'closeTap':
        taps.get(message.tap)?.close()
        taps.delete(message.tap)
        return
      case 'cancelOpening':
        return
      case 'close':
        return void close()
    }
  })
}

if (parentPort === null) throw new Error('worker.ts runs as a worker thread')
// Beside this file, wherever the app lies. Bundled as a program of its own: it shares nothing but the types.
const scanner = fileURLToPath(new URL('scanner.js', import.meta.url))
const watcher = fileURLToPath(new URL('watcher.js', import.meta.url))
const caller = fileURLToPath(new URL('caller.js', import.meta.url))
await run(parentPort, { scanner, watcher, caller, ...(workerData as ServiceOptions) })

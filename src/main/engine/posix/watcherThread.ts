import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import { calls, PollSet } from './calls'
import { numbers } from './numbers'
import { type FromWatcher, type ToWatcher, type WatcherStart } from './watcherMessages'

/** A thread that waits in poll(2) cannot be ended from outside: it looks up this often, should its owner be gone without a word. */
const LOOK_UP_MS = 500
const WAKE_BYTES = 64

/** The thread's entry: waits in poll(2) for descriptors that Node's own loop cannot watch, and tells each once. */
function serve({ port, wake }: WatcherStart): void {
  const posix = calls()
  if (posix === null || numbers === null) throw new Error('The C library cannot be called.')
  const post = (message: FromWatcher): void => port.postMessage(message)
  const watched = new Map<number, { readonly fd: number; readonly events: number }>()
  const drained = new Uint8Array(WAKE_BYTES)

  /** @returns false at the end */
  const takeMessages = (): boolean => {
    for (;;) {
      const received = receiveMessageOnPort(port) as { message: ToWatcher } | undefined
      if (received === undefined) return true
      const { message } = received
      if (message.type === 'end') return false
      if (message.type === 'watch') watched.set(message.token, message)
      else {
        watched.delete(message.token)
        post({ type: 'stopped', token: message.token })
      }
    }
  }

  while (takeMessages()) {
    const tokens = [...watched.keys()]
    const set = new PollSet(tokens.length + 1)
    set.watch(0, wake, numbers.poll.in)
    tokens.forEach((token, n) => {
      const { fd, events } = watched.get(token) ?? { fd: -1, events: 0 }
      set.watch(n + 1, fd, events)
    })
    posix.poll(set, LOOK_UP_MS)
    if (set.told(0) !== 0) posix.read(wake, drained)
    tokens.forEach((token, n) => {
      const told = set.told(n + 1)
      if (told === 0) return
      watched.delete(token)
      post({ type: 'ready', token, told })
    })
  }
  posix.close(wake)
  port.close()
}

serve(workerData as WatcherStart)

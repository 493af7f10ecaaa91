import { parentPort } from 'node:worker_threads'
import { calls } from '../posix/calls'
import { type FromCaller, type ToCaller } from './callerMessages'
import { interrupts } from './interrupts'
import { Performer } from './perform'

/** The thread's entry: makes the calls that it is given, one after the other, and is blocked for as long as one blocks. */
function serve(): void {
  const port = parentPort
  const posix = calls()
  const own = interrupts()
  if (port === null || posix === null || own === null) throw new Error('The C library cannot be called.')
  const post = (message: FromCaller): void => port.postMessage(message)
  const performer = new Performer(posix, post)
  port.on('message', (message: ToCaller) => {
    if (message.type === 'end') return port.close()
    const at = process.hrtime.bigint()
    const outcome = performer.perform(message.job)
    post({ type: 'done', outcome, at, took: process.hrtime.bigint() - at })
  })
  post({ type: 'ready', thread: own.ownThread() })
}

serve()

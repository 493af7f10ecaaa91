import { parentPort, type MessagePort } from 'node:worker_threads'
import { Filtering } from '../filter/filtering'
import { FramesScanner } from '../frames/framesScanner'
import { Comparing } from '../compare/comparing'
import { Searching } from '../search/searching'
import { Counting } from '../stats/counting'
import { type FromScanner, type ScanTask, type ToScanner } from './messages'
import { type Scanner, type Telling } from './scanner'

/** @param progress to be called when there is something to tell before a batch is through */
function scannerFor(task: ScanTask, progress: () => void): Scanner {
  switch (task.kind) {
    case 'compare':
      return new Comparing(task, progress)
    case 'search':
      return new Searching(task, progress)
    case 'filter':
      return new Filtering(task, progress)
    case 'frames':
      return new FramesScanner(task)
    case 'stats':
      return new Counting(task)
  }
}

/** The thread's entry. It is told which rows there are; to cancel it is to end it. An error ends it too. */
function serve(port: MessagePort): void {
  const post = (message: FromScanner, transfer: readonly ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer)
  let scanner: Scanner | null = null
  const tell = (): void => {
    if (scanner === null) return
    const { told, transfer } = scanner.tell()
    post({ type: 'told', told }, transfer)
  }
  port.on('message', (message: ToScanner) => {
    switch (message.type) {
      case 'begin':
        scanner?.close()
        scanner = scannerFor(message.task, tell)
        return post({ type: 'more' })
      case 'rows':
        scanner?.rows(message.batch)
        tell()
        return post({ type: 'more' })
      case 'rest':
        scanner?.rest()
        tell()
        return post({ type: 'rested' })
      case 'ask': {
        const { told: answer, transfer } = answerOf(scanner, message.question)
        return post({ type: 'answer', number: message.number, answer }, transfer)
      }
    }
  })
}

function answerOf(scanner: Scanner | null, question: unknown): Telling<unknown> {
  // Who asks knows which kind it began: the table ties the two together.
  const asked = scanner as { answer?(question: unknown): Telling<unknown> } | null
  if (asked?.answer === undefined) throw new Error('This scan answers no questions.')
  return asked.answer(question)
}

if (parentPort === null) throw new Error('worker.ts runs as a worker thread')
serve(parentPort)

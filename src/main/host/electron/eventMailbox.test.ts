import { expect, test } from 'vitest'
import { type ServiceEvent } from '../../../shared/contract/events'
import { fault } from '../../../shared/model/fault'
import { type ConnectionId } from '../../../shared/model/ids'
import { type ConnectionSummary } from '../../../shared/model/summary'
import { EventMailbox } from './eventMailbox'

const changed = (id: ConnectionId, queuedBytes: number): ServiceEvent => ({
  name: 'socket.changed',
  value: { ...summary, id, queuedBytes },
})
const summary: ConnectionSummary = {
  kind: 'connection',
  id: 'C1',
  listener: null,
  asked: 'tcp://127.0.0.1:1',
  state: { phase: 'dialling', to: { kind: 'tcp', host: '127.0.0.1', port: 1 }, attempts: [] },
  isReadingPaused: false,
  queuedBytes: 0,
  options: [],
}
const ticked = (id: ConnectionId, inBytes: number): ServiceEvent => ({
  name: 'counters.ticked',
  value: [[id, { inBytes, inChunks: 1, outBytes: 0, outChunks: 0, rows: 1 }]],
})
const problem = (summaryText: string): ServiceEvent => ({
  name: 'problem.arose',
  value: { id: null, fault: fault('SB_BUG', summaryText) },
})

test('of each socket only the latest is kept, in the order in which they last changed', () => {
  const mailbox = new EventMailbox()
  mailbox.add([changed('C1', 1), changed('C2', 1)])
  mailbox.add([changed('C1', 2)])
  expect(mailbox.take()).toEqual([changed('C2', 1), changed('C1', 2)])
  expect(mailbox.isEmpty).toBe(true)
})

test('counters of many batches come as one, with the last value of each socket', () => {
  const mailbox = new EventMailbox()
  mailbox.add([ticked('C1', 1), ticked('C2', 5), ticked('C1', 9)])
  const [event, ...others] = mailbox.take()
  expect(others).toEqual([])
  expect(event).toMatchObject({
    name: 'counters.ticked',
    value: [
      ['C1', { inBytes: 9 }],
      ['C2', { inBytes: 5 }],
    ],
  })
})

test('a window that hangs for a million events costs no more than the list of its sockets', () => {
  const mailbox = new EventMailbox()
  for (let round = 0; round < 100_000; round++) {
    for (const id of ['C1', 'C2', 'C3'] as const) mailbox.add([changed(id, round), ticked(id, round)])
    mailbox.add([problem(`problem ${round}`)])
  }
  const events = mailbox.take()
  expect(events.filter((event) => event.name === 'socket.changed')).toHaveLength(3)
  expect(events.filter((event) => event.name === 'counters.ticked')).toHaveLength(1)
  const problems = events.filter((event) => event.name === 'problem.arose')
  expect(problems).toHaveLength(100)
  expect(problems.at(-1)).toEqual(problem('problem 99999'))
})

test('a socket that was forgotten leaves no counters behind', () => {
  const mailbox = new EventMailbox()
  mailbox.add([changed('C1', 1), ticked('C1', 1), { name: 'socket.forgotten', value: { id: 'C1' } }])
  expect(mailbox.take()).toEqual([{ name: 'socket.forgotten', value: { id: 'C1' } }])
})

test('for a new page problems and named files stay: it asks for the sockets itself', () => {
  const mailbox = new EventMailbox()
  const named = { name: 'lesson.named', value: { grant: 'g' } } as const
  mailbox.add([changed('C1', 1), named, ticked('C1', 1), problem('the page crashed')])
  mailbox.forNewPage()
  expect(mailbox.take()).toEqual([named, problem('the page crashed')])
})

import { describe, expect, test } from 'vitest'
import { compareIds, isConnectionId, isListenerId, isSocketId } from './ids'
import {
  describeConnectionState,
  describeListenerState,
  describeUdpState,
  type ConnectionState,
} from './state'
import { describeFault, fault } from './fault'
import { formatBytes, formatCount, formatCounter, formatSeconds } from './units'
import { isCommandName } from '../contract/commands'
import { isHostCommandName } from '../contract/hostCommands'

const here = { kind: 'tcp', host: '127.0.0.1', port: 8060 } as const
const there = { kind: 'tcp', host: '::1', port: 9 } as const

describe('ids', () => {
  test('are a letter and a number from 1', () => {
    expect(['C1', 'C10', 'L3', 'U2'].every(isSocketId)).toBe(true)
    expect(['C0', 'C', 'c1', 'C01', 'X1', 'C1 ', '__proto__', 'C1234567890'].some(isSocketId)).toBe(false)
    expect([isConnectionId('C1'), isConnectionId('L1'), isListenerId('L1')]).toEqual([true, false, true])
  })
  test('sort as people count', () => {
    expect(['C10', 'L1', 'C2', 'U1', 'C1'].sort(compareIds)).toEqual(['C1', 'C2', 'C10', 'L1', 'U1'])
  })
})

describe('the text of a state', () => {
  const closed = { phase: 'closed', by: 'remote', local: here, remote: there, unsentBytes: 0 } as const
  test.each<[ConnectionState, string]>([
    [{ phase: 'dialling', to: here, attempts: [] }, 'dialling tcp://127.0.0.1:8060'],
    [{ phase: 'open', local: here, remote: there }, 'open'],
    [{ phase: 'halfClosed', by: 'remote', local: here, remote: there }, 'half-closed by peer'],
    [{ phase: 'halfClosed', by: 'local', local: here, remote: there }, 'half-closed by us'],
    [{ ...closed, how: 'fin' }, 'closed (fin)'],
    [{ ...closed, how: 'reset' }, 'closed (reset)'],
    [{ ...closed, how: 'timeout' }, 'closed (timeout)'],
    [{ ...closed, how: 'error', fault: { code: 'EHOSTUNREACH', summary: 'x' } }, 'closed (EHOSTUNREACH)'],
    [
      { phase: 'failed', fault: { code: 'ECONNREFUSED', summary: 'nobody listens' }, attempts: [] },
      'failed: ECONNREFUSED nobody listens',
    ],
  ])('%o reads %s', (state, text) => {
    expect(describeConnectionState(state)).toBe(text)
  })
  test('of listeners and UDP sockets names the bound address', () => {
    expect(describeListenerState({ phase: 'listening', at: there })).toBe('listening on tcp://[::1]:9')
    const at = { kind: 'udp', host: '0.0.0.0', port: 5 } as const
    expect(describeUdpState({ phase: 'bound', at, peer: null })).toBe('bound to udp://0.0.0.0:5')
    expect(describeUdpState({ phase: 'bound', at, peer: { ...at, host: '127.0.0.1' } })).toBe(
      'bound to udp://0.0.0.0:5, connected to udp://127.0.0.1:5',
    )
  })
})

test('a fault in one line has its syscall, code, sentence and hint', () => {
  expect(
    describeFault({
      code: 'EACCES',
      syscall: 'bind',
      summary: 'Not allowed.',
      hint: 'Use a port over 1023.',
    }),
  ).toBe('bind EACCES: Not allowed. Use a port over 1023.')
  expect(describeFault(fault('SB_INPUT', 'Empty.'))).toBe('SB_INPUT: Empty.')
})

test('numbers are written for people, counters exactly', () => {
  expect([0, 999, 1000, 999_949, 999_950, 1_500_000, 2.5e9].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '999.9 kB',
    '1.0 MB',
    '1.5 MB',
    '2.5 GB',
  ])
  expect([1, 1234, 1234567].map(formatCount)).toEqual(['1', '1,234', '1,234,567'])
  expect(formatSeconds(12_345_678_901)).toBe('12.345678')
  expect(formatSeconds(12_345_678_901, 9)).toBe('12.345678901')
  expect(formatCounter('in', 1234567, 3)).toBe('in 1234567 B (3)')
})

test('only names in the tables are commands', () => {
  expect([isCommandName('listener.open'), isHostCommandName('file.pick')]).toEqual([true, true])
  for (const name of ['__proto__', 'constructor', 'toString', '', 'listener.open ', 7, null, undefined]) {
    expect([isCommandName(name), isHostCommandName(name)]).toEqual([false, false])
  }
})

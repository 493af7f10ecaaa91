import { expect, test } from 'vitest'
import { type OptionReading } from '../../../shared/model/options'
import { listenerOptionsOf, optionsOf } from './options'
import { type Told } from './story'

const set = (options: readonly OptionReading[]): Told => ({
  kind: 'event',
  id: 'L1',
  atNanos: 0,
  event: { what: 'optionsSet', options },
})

test('options of a session are written by their words, and others by their names', () => {
  const rows = [
    set([
      { name: 'IP_TTL', value: 9, asked: 9 },
      { name: 'SO_RCVBUF', value: 20_000, asked: 10_000 },
      { name: 'SO_LINGER', value: { isOn: true, seconds: 0 }, asked: { isOn: true, seconds: 0 } },
      { name: 'TCP_CONGESTION', value: 'reno', asked: 'reno' },
      { name: 'SO_BINDTODEVICE', value: 'lo', asked: 'lo' },
      { name: 'TCP_NODELAY', value: true },
    ]),
  ]
  expect(optionsOf(rows)).toEqual({
    ttl: 9,
    receiveBufferBytes: 10_000,
    device: 'lo',
    kernel: '{ SO_LINGER: 0 s, TCP_CONGESTION: reno }',
  })
})

test('what anybody may have written into a recording gets into no experiment', () => {
  const evil = 'lo }, x: { y'
  const rows = [
    set([
      { name: 'SO_BINDTODEVICE', value: evil, asked: evil },
      { name: 'SO_TYPE', value: 1, asked: 1 },
      { name: 'IP_TTL', value: 1, asked: 1e9 },
      { name: 'NO_SUCH', value: 1, asked: 1 },
    ]),
  ]
  expect(optionsOf(rows)).toEqual({})
})

test('a serial listener stays one', () => {
  const serial: Told = { kind: 'event', id: 'L1', atNanos: 0, event: { what: 'acceptSet', mode: 'serially' } }
  expect(listenerOptionsOf([serial])).toEqual({ accept: 'serially' })
})

import { expect, test } from 'vitest'
import { type Endpoint } from '../../shared/model/endpoint'
import { type SocketEvent } from '../../shared/model/record'
import { eventJson } from './eventJson'

const endpoints: Endpoint[] = [
  { kind: 'tcp', host: '127.0.0.1', port: 8060 },
  { kind: 'tcp', host: 'fe80::1%eth"0', port: 0 },
  { kind: 'tcp', host: '::ffff:10.0.0.1', port: 65_535 },
  { kind: 'unix', path: '/tmp/a "quoted" \\ path\u0001' },
  { kind: 'unix', path: '' },
]

const events: SocketEvent[] = [
  ...endpoints.flatMap((remote): SocketEvent[] => [
    { what: 'accepted', connection: 'C12', remote },
    ...endpoints.map((local): SocketEvent => ({ what: 'opened', local, remote, by: 'remote' })),
  ]),
  { what: 'finished', by: 'local' },
  { what: 'noted', text: 'a "note"' },
]

test('what is put together by hand is what JSON.stringify makes', () => {
  for (const event of events)
    expect(eventJson('C7', 123_456_789_012, event)).toBe(
      JSON.stringify({ v: 1, kind: 'event', socket: 'C7', atNanos: 123_456_789_012, event }),
    )
})

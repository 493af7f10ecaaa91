import { expect, test } from 'vitest'
import { openRecording } from '../capture/index/opened'
import { Folder, value } from '../capture/testing/folder'
import { makePlan } from './plan'

const at = { kind: 'unixgram', path: '/tmp/x' } as const
const udp = { kind: 'udp', host: '127.0.0.1', port: 9 } as const

test('Unix datagram and raw sockets of a recording are left out of a replay, and that is told', async () => {
  await using folder = await Folder.make()
  const capture = await folder.record()
  capture.track('D1', 'unixgram', 'bound unixgram:/tmp/x').datagram('in', Buffer.from('x'), at, at)
  capture.track('U1', 'udp', 'bound udp://127.0.0.1:9').datagram('in', Buffer.from('y'), udp, udp)
  await capture.close()
  const reader = value(await openRecording(capture.file))
  const plan = value(await makePlan(reader, null))
  expect(plan.leftOut).toEqual(['D1'])
  expect(plan.conversations.map(({ kind }) => kind)).toEqual(['udp'])
  expect(await makePlan(reader, ['D1'])).toMatchObject({
    ok: false,
    fault: {
      code: 'SB_UNSUPPORTED',
      summary: 'D1 is a Unix datagram socket: such sockets are not replayed.',
    },
  })
  await reader.close()
})

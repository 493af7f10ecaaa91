import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { has, loopback, ok, python, setUp, start, utf8 } from '../engine/testing/bench'
import { behaviourNames, parseBehaviour } from './behaviours'
import { Upper } from './upper'

const behaviour = (text: string) => ok(parseBehaviour(text))

/** All that `Upper` makes of pieces, with its end. */
function upper(...pieces: Uint8Array[]): Buffer {
  const text = new Upper()
  return Buffer.concat([...pieces.map((piece) => Buffer.from(text.push(piece))), text.end()])
}

describe.skipIf(!has('socat'))('a listener that is called by socat', () => {
  test.each([
    ['echo', 'say it\n', 'say it\n'],
    ['upper', 'grüße, ß\n', 'GRÜSSE, SS\n'],
    ['discard', 'gone\n', ''],
    ['reply:\\x00\\u00e9!\\n', 'anything', '\0é!\n'],
  ])('with %s answers as it should, and finishes when the caller has', async (name, question, answer) => {
    await using bench = setUp()
    const listener = await bench.listen(loopback(), behaviour(name))
    expect(bench.engine.summary(listener.id)).toMatchObject({ behaviour: name })
    await using caller = start('socat', ['-', `TCP:127.0.0.1:${listener.port}`])
    caller.child.stdin.end(question)
    const { output } = await caller.ended()
    expect(Buffer.from(output, 'latin1').toString()).toBe(answer)
    expect((await bench.phase(await bench.accepted(listener.id), 'closed')).state).toMatchObject({
      how: 'fin',
      by: 'remote',
    })
  })
})

test('none leaves the connection half-closed when the caller has finished', async () => {
  await using bench = setUp()
  const listener = await bench.listen(loopback(), behaviour('none'))
  await using caller = python(
    'c = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); c.sendall(b"hello"); c.shutdown(socket.SHUT_WR); say(c.recv(100))',
    listener.port,
  )
  const id = await bench.accepted(listener.id)
  await bench.phase(id, 'halfClosed')
  ok(bench.engine.send(id, utf8('by hand')))
  await caller.printed("b'by hand'")
})

test('a reply is given for each chunk', async () => {
  await using bench = setUp()
  const listener = await bench.listen(loopback(), behaviour('reply:yes '))
  const { id } = await bench.dial(listener.at)
  for (let nth = 1; nth <= 3; nth++) {
    ok(bench.engine.send(id, utf8('?')))
    await bench.untilTrue(() => bench.recorder.of(id).text('in') === 'yes '.repeat(nth))
  }
})

test.each(['', 'shout', '__proto__', 'Echo'])(
  'there is no behaviour "%s", and the fault lists those there are',
  (name) => {
    const reply = parseBehaviour(name)
    expect(reply).toMatchObject({ ok: false, fault: { code: 'SB_INPUT' } })
    for (const each of behaviourNames) expect(reply.ok ? '' : reply.fault.hint).toContain(each)
  },
)

test('an escape that is none is refused', () => {
  expect(parseBehaviour('reply:\\q')).toMatchObject({ ok: false, fault: { code: 'SB_INPUT' } })
})

describe('upper case', () => {
  test('does not depend on how valid text is cut', () => {
    const characters = fc.constantFrom('a', 'Z', 'ü', 'ß', 'ŉ', '€', 'ǆ', 'ﬃ', '😀', '𐐨', '\0', '\ufffd')
    fc.assert(
      fc.property(fc.array(characters), fc.array(fc.nat(5)), (list, cuts) => {
        const text = list.join('')
        const bytes = Buffer.from(text)
        expect(upper(...pieces(bytes, cuts)).toString()).toBe(bytes.toString().toUpperCase())
      }),
    )
  })

  test('does not depend on how any bytes are cut', () => {
    const biting = fc.constantFrom(
      0x61,
      0xc3,
      0xbc,
      0xe2,
      0x82,
      0xac,
      0xf0,
      0x9f,
      0x98,
      0x80,
      0xff,
      0x80,
      0xed,
      0xa0,
    )
    fc.assert(
      fc.property(fc.array(biting, { maxLength: 20 }), fc.array(fc.nat(5)), (list, cuts) => {
        const bytes = Buffer.from(list)
        expect(upper(...pieces(bytes, cuts))).toEqual(upper(bytes))
      }),
    )
  })

  test('keeps a cut character even when the memory it came in is used again', () => {
    const text = new Upper()
    const memory = Buffer.from('\u00e9')
    text.push(memory.subarray(0, 1))
    memory.fill(0)
    expect(Buffer.from(text.push(Buffer.from('\u00e9').subarray(1))).toString()).toBe('\u00c9')
  })

  test('leaves bytes that are no UTF-8 as they are', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value)
    const expected = bytes.map((value) => (value >= 0x61 && value <= 0x7a ? value - 0x20 : value))
    expect(new Uint8Array(upper(bytes))).toEqual(expected)
  })
})

function pieces(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const list: Uint8Array[] = []
  let from = 0
  for (const cut of cuts) {
    list.push(bytes.subarray(from, from + cut))
    from = Math.min(from + cut, bytes.length)
  }
  return [...list, bytes.subarray(from)]
}

import { type DatagramId } from '../../shared/model/ids'
import { type Behaviour, type DatagramBehaviour, type Engine } from '../engine/types'

/**
 * Lets a listener's behaviour answer datagrams: each is greeted as a caller of its own, and what is written goes back to
 * where it came from.
 */
export function answering(behaviour: Behaviour): DatagramBehaviour {
  return {
    name: behaviour.name,
    begin: (socket, engine) => ({
      async received(bytes, from) {
        for (const answer of collectAnswers(engine, socket.id, behaviour, bytes))
          await socket.answer(answer, from)
      },
    }),
  }
}

/** What the behaviour would write to a caller that sends just this. */
function collectAnswers(
  engine: Engine,
  id: DatagramId,
  behaviour: Behaviour,
  bytes: Uint8Array,
): Uint8Array[] {
  const answers: Uint8Array[] = []
  const sender = {
    id,
    write: (answer: Uint8Array) => answers.push(new Uint8Array(answer)),
    finish: () => undefined,
    queuedBytes: 0,
    hold: () => undefined,
    passesTo: () => undefined,
    whenRoom: () => null,
  }
  const reaction = behaviour.greet(sender, engine)
  reaction.received(bytes)
  return answers
}

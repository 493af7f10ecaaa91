import { type Endpoint } from '../../shared/model/endpoint'
import { type DatagramId } from '../../shared/model/ids'
import { type Behaviour, type Engine } from '../engine/types'

/**
 * Lets a listener's behaviour answer a datagram: it is greeted as a caller of its own, and what is written goes back to
 * where it came from. Faults of single answers are in the record; the next datagram may fare better.
 * @param bytes good only during the call
 */
export async function answerDatagram(
  engine: Engine,
  id: DatagramId,
  behaviour: Behaviour,
  bytes: Uint8Array,
  from: Endpoint,
): Promise<void> {
  for (const answer of collectAnswers(engine, id, behaviour, bytes)) await engine.sendUdp(id, answer, from)
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

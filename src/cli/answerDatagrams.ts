import { type Endpoint } from '../shared/model/endpoint'
import { type UdpId } from '../shared/model/ids'
import { type Behaviour, type Engine } from '../main/engine/types'

/**
 * Lets a listener's behaviour answer datagrams: each is greeted as a caller of its own, and what is written goes back to
 * where it came from. Resolves when the first datagram has been answered.
 */
export function answerDatagrams(engine: Engine, id: UdpId, behaviour: Behaviour): Promise<void> {
  return new Promise((resolve) => {
    engine.onReceived(id, (bytes, from) => {
      if (from === null) return
      const answers = collectAnswers(id, behaviour, bytes)
      void sendAll(engine, id, answers, from).then(resolve)
    })
  })
}

/** What the behaviour would write to a caller that sends just this. */
function collectAnswers(id: UdpId, behaviour: Behaviour, bytes: Uint8Array): Uint8Array[] {
  const answers: Uint8Array[] = []
  const reaction = behaviour.greet({
    id,
    write: (answer) => answers.push(new Uint8Array(answer)),
    finish: () => undefined,
    queuedBytes: 0,
  })
  reaction.received(bytes)
  return answers
}

/** Faults of single answers are in the record; the next datagram may fare better. */
async function sendAll(
  engine: Engine,
  id: UdpId,
  answers: readonly Uint8Array[],
  to: Endpoint,
): Promise<void> {
  for (const answer of answers) await engine.sendUdp(id, answer, to)
}

import { freePort } from './freePort'
import { PeerProcess } from './peerProcess'

export interface NcatListener {
  readonly peer: PeerProcess
  readonly port: number
}

/** ncat that listens for one caller on 127.0.0.1, standard streams on the other side. */
export async function ncatListens(): Promise<NcatListener> {
  // With port 0 ncat 7.93 says "Listening on 127.0.0.1:0" and keeps the real one to itself.
  const port = await freePort()
  const peer = new PeerProcess('ncat', ['-v', '-l', '127.0.0.1', String(port)])
  await peer.says(/Listening on 127\.0\.0\.1:/)
  return { peer, port }
}

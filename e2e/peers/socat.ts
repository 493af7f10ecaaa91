import { PeerProcess } from './peerProcess'

/** socat's name for what Switchboard writes as `tcp://host:port`, `unix:/path` or `unix:@name`. */
function addressFor(url: string): string {
  if (url.startsWith('unix:@')) return `ABSTRACT-CONNECT:${url.slice('unix:@'.length)}`
  if (url.startsWith('unix:')) return `UNIX-CONNECT:${url.slice('unix:'.length)}`
  return `TCP:${url.slice('tcp://'.length)}`
}

/** socat with its standard streams on one side and a dialled connection on the other. Ending its input half-closes. */
export function socatDials(url: string): PeerProcess {
  // -t: how long it waits for the other direction after one has ended; its own 0.5 s would cut a slow answer short.
  return new PeerProcess('socat', ['-t', '30', '-', addressFor(url)])
}

/** socat that listens for one caller at a Unix-domain path or abstract name, standard streams on the other side. */
export async function socatListens(url: string): Promise<PeerProcess> {
  const place = url.slice('unix:'.length)
  const address = place.startsWith('@') ? `ABSTRACT-LISTEN:${place.slice(1)}` : `UNIX-LISTEN:${place}`
  const peer = new PeerProcess('socat', ['-d', '-d', '-t', '30', '-', address])
  await peer.says(/listening on/)
  return peer
}

import { PeerProcess } from './peerProcess'

const PROGRAM = `
import http.server, sys
server = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
print('port', server.server_port, file=sys.stderr, flush=True)
server.serve_forever()
`

/** Python's own web server on a port that the kernel gave it. */
export async function pythonServesHttp(): Promise<AsyncDisposable & { readonly port: number }> {
  const peer = new PeerProcess('python3', ['-c', PROGRAM])
  const [, port] = await peer.says(/^port (\d+)$/)
  return Object.assign(peer, { port: Number(port) })
}

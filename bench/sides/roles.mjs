// The plain counterparts: what a short Node program does that has nothing to record.
import net from 'node:net'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'

/** @typedef {(message: object) => void} Tell */

/** What Node's documentation of `onread` uses, and what libuv reads at most at once by itself. */
const READ_BYTES = 64 * 1024

/**
 * @param {net.Server} server
 * @param {Tell} tell
 */
function listen(server, tell) {
  server.listen(0, '127.0.0.1', () => tell({ port: /** @type {net.AddressInfo} */ (server.address()).port }))
}

/** @type {Record<string, (tell: Tell) => void>} */
export const roles = {
  /** Reads into memory of its own and keeps nothing: the least that receiving costs in Node. */
  onreadSink(tell) {
    const server = net.createServer({ pauseOnConnect: true }, (accepted) => {
      let bytes = 0
      // Accepted sockets have no public way to `onread`: a second socket takes the handle over before it reads.
      const handle = /** @type {any} */ (accepted)._handle
      const onread = {
        buffer: Buffer.alloc(READ_BYTES),
        callback: (/** @type {number} */ length) => {
          bytes += length
          return true
        },
      }
      const socket = new net.Socket(/** @type {any} */ ({ handle, onread }))
      socket.on('end', () => tell({ bytes }))
    })
    listen(server, tell)
  },

  dataSink(tell) {
    const server = net.createServer((socket) => {
      let bytes = 0
      socket.on('data', (chunk) => (bytes += chunk.length))
      socket.on('end', () => tell({ bytes }))
    })
    listen(server, tell)
  },

  /** Tells how long it was from the first byte to the end. */
  timedSink(tell) {
    const server = net.createServer((socket) => {
      let bytes = 0
      let began = 0n
      socket.on('data', (chunk) => {
        if (bytes === 0) began = process.hrtime.bigint()
        bytes += chunk.length
      })
      socket.on('end', () => tell({ bytes, seconds: Number(process.hrtime.bigint() - began) / 1e9 }))
    })
    listen(server, tell)
  },

  echo(tell) {
    listen(
      net.createServer((socket) => {
        socket.on('data', (chunk) => socket.write(chunk))
      }),
      tell,
    )
  },

  acceptor(tell) {
    /** @type {Set<net.Socket>} */
    const connections = new Set()
    const server = net.createServer((socket) => {
      connections.add(socket)
      // The peer ends with a reset; 'close' follows.
      socket.on('error', () => connections.delete(socket))
      socket.resume()
    })
    listen(server, tell)
  },
}

if (!isMainThread) roles[workerData?.role]?.((message) => parentPort?.postMessage(message))

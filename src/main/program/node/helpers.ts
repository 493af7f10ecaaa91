import { type Helper } from '../helper'

/** Functions of Node programs that need them, in the order in which they stand. Imports are whole import clauses: `net from node:net`. */
export const nodeHelpers: Readonly<Record<string, Helper>> = {
  expectFailure: {
    text: `
/** What is under way must fail with this errno. */
async function expectFailure(name, promise, code) { § Waits for a failure.
  try {
    await promise
  } catch (error) {
    if (error.code === code) return § The errno by its name: errno(3).
    throw error § Another failure is passed on.
  }
  throw new Error(\`\${name}: it worked, expected \${code}\`)
}`,
  },
  lanAddress: {
    text: `
/** The first address of this machine that others can reach. */
function lanAddress() { § Looks through the network interfaces: getifaddrs(3).
  const all = Object.values(networkInterfaces()).flat()
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address
}`,
    imports: ['{ networkInterfaces } from node:os'],
  },
  Waiting: {
    text: `
/** Something that happens by events, and that one can wait for. */
class Waiting { § What streams and datagram sockets have in common here.
  #wake = () => {}
  news() { § Something has happened: whoever waits looks again.
    this.#wake()
  }
  /** Waits until something is so. */
  async until(isSo, ms, wanted) { § Looks whenever something has happened, for so long.
    let isOver = false
    const timer = setTimeout(() => { § After so many milliseconds it is given up.
      isOver = true
      this.#wake()
    }, ms)
    while (!isSo() && !isOver) await new Promise((resolve) => (this.#wake = resolve))
    clearTimeout(timer)
    if (!isSo()) throw new Error(\`\${this.name}: \${wanted()}\`)
  }
}`,
  },
  Stream: {
    text: `
/** A connection whose bytes wait here until somebody asks for them: a stream has no messages. */
class Stream extends Waiting { § A connection, with what has come on it.
  bytes = Buffer.alloc(0) § What has come and nobody has taken.
  hasEnded = false
  problem = null
  constructor(name, socket) { § From the first event on nothing is missed.
    super()
    this.name = name
    this.socket = socket
    socket.on('data', (chunk) => { § recv(2) gave some bytes, as many as were there.
      this.bytes = Buffer.concat([this.bytes, chunk])
      this.news()
    })
    socket.on('end', () => { § recv(2) gave none: the peer has finished, FIN.
      this.hasEnded = true
      this.news()
    })
    socket.on('error', (error) => { § A call has failed: ECONNRESET after RST. Without a listener the program would end here.
      this.problem = error
      this.news()
    })
  }
METHODS}`,
    needs: ['Waiting'],
  },
  Datagrams: {
    text: `
/** A datagram socket whose datagrams wait here, each as a whole. */
class Datagrams extends Waiting { § A datagram socket, with what has come.
  waiting = []
  problems = []
  constructor(name, socket) {
    super()
    this.name = name
    this.socket = socket
    socket.on('message', (bytes, peer) => { § recvmsg(2): one whole datagram, and who has sent it.
      this.waiting.push({ bytes, peer })
      this.news()
    })
    socket.on('error', (error) => { § An error that came by ICMP, for example.
      this.problems.push(error)
      this.news()
    })
  }
  /** The next datagram. */
  async next(ms) { § Waits for one.
    await this.until(() => this.waiting.length > 0, ms, () => 'no datagram came in time')
    const { bytes, peer } = this.waiting.shift()
    this.peer = peer § Whoever has sent last.
    return bytes
  }
}`,
    needs: ['Waiting'],
  },
  sendDatagram: {
    text: `
function sendDatagram(socket, bytes, ...to) { § One datagram; resolves when the kernel has taken it.
  return new Promise((resolve, reject) => {
    socket.send(bytes, ...to, (error) => (error ? reject(error) : resolve())) § sendmsg(2)
  })
}`,
  },
  expectSame: {
    text: `
function expectSame(name, came, wanted) { § Compares what came with what was expected.
  if (!came.equals(Buffer.from(wanted)))
    throw new Error(\`\${name}: expected \${JSON.stringify(String(wanted))}, and \${JSON.stringify(String(came))} came\`)
}`,
  },
  caller: {
    text: `
/** A server's caller by its number, as soon as it is there. */
async function caller(server, callers, number, ms) { § Waits for a caller.
  const signal = AbortSignal.timeout(ms) § Rejects after so many milliseconds.
  while (callers.length < number) await once(server, 'connection', { signal })
  return callers[number - 1]
}`,
    imports: ['{ once } from node:events'],
  },
  close: {
    text: `
/** Sends what is unsent, then FIN, and closes. */
function close(socket) { § Resolves when the socket is gone.
  if (socket.closed) return
  return new Promise((resolve) => {
    socket.once('close', resolve)
    socket.destroySoon() § shutdown(2) when all is written, then close(2).
  })
}`,
  },
}

/** Methods of \`Stream\`, those that are used. */
export const streamMethods: Readonly<Record<string, string>> = {
  expect: `
  /** These bytes come next, in however many pieces. */
  async expect(wanted, ms) { § Waits for as many bytes as are expected, and compares them.
    const all = Buffer.from(wanted)
    await this.until(
      () => this.bytes.length >= all.length || this.hasEnded || this.problem !== null,
      ms,
      () => \`\${this.bytes.length} of \${all.length} bytes came in time\`,
    )
    const came = this.bytes.subarray(0, all.length)
    if (!came.equals(all)) § One other byte, or one missing, is enough.
      throw this.problem ?? new Error(\`\${this.name}: expected \${JSON.stringify(String(all))}, and \${JSON.stringify(String(came))} came\`)
    this.bytes = this.bytes.subarray(all.length) § What is beyond waits for the next who asks.
  }`,
  skip: `
  /** So many bytes come next, whatever they are. */
  async skip(length, ms) { § Waits for so many bytes, and takes them.
    await this.until(
      () => this.bytes.length >= length,
      ms,
      () => \`\${this.bytes.length} of \${length} bytes came in time\`,
    )
    this.bytes = this.bytes.subarray(length)
  }`,
  some: `
  /** Whatever has come, up to so many bytes; none at the end. */
  async some(most, ms) { § Waits until something has come.
    await this.until(() => this.bytes.length > 0 || this.hasEnded || this.problem !== null, ms, () => 'nothing came in time')
    if (this.bytes.length === 0 && this.problem !== null) throw this.problem
    const data = this.bytes.subarray(0, most)
    this.bytes = this.bytes.subarray(most)
    return data
  }`,
  match: `
  /** What comes fits an expression; it is taken up to the end of the match. */
  async match(pattern, ms) { § Looks at all that has come whenever more does.
    let found
    await this.until(
      () => (found = pattern.exec(this.bytes.toString('latin1'))), § Each byte as one character.
      ms,
      () => \`nothing that came fits \${pattern}\`,
    )
    this.bytes = this.bytes.subarray(found.index + found[0].length)
  }`,
  expectEnd: `
  /** The peer finishes, and nothing comes before that. */
  async expectEnd(ms) { § Waits for FIN.
    await this.until(() => this.hasEnded || this.problem !== null, ms, () => 'its end did not come in time')
    if (this.problem !== null) throw this.problem § An end of another kind: RST.
    if (this.bytes.length > 0) throw new Error(\`\${this.name}: expected its end, and \${JSON.stringify(String(this.bytes))} came\`)
  }`,
  toEnd: `
  /** The peer finishes, whatever comes before that. */
  async toEnd(ms) { § Waits for FIN.
    await this.until(() => this.hasEnded || this.problem !== null, ms, () => 'its end did not come in time')
    if (this.problem !== null) throw this.problem § An end of another kind: RST.
  }`,
  expectError: `
  /** The connection fails with this errno. */
  async expectError(code, ms) { § Waits for an error.
    await this.until(() => this.problem !== null, ms, () => \`expected \${code}, and nothing failed\`)
    if (this.problem.code !== code) throw this.problem § The errno by its name: errno(3).
  }`,
  expectNothing: `
  /** For so long nothing comes, and it does not end. */
  async expectNothing(ms) { § Waits, and looks whether anything has come.
    await sleep(ms) § Meanwhile events come in.
    if (this.bytes.length > 0) throw new Error(\`\${this.name}: expected nothing, and \${JSON.stringify(String(this.bytes))} came\`)
    if (this.hasEnded || this.problem !== null) throw new Error(\`\${this.name}: expected nothing, and its end came\`)
  }`,
}

import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

const text = `---
lesson: 1
title: A small call
teaches: What a port of zero comes to.
minutes: 2
panes: [ server, alice ]
---

Two ends of one call.

\`\`\`stages
ring: ring.svg | call | connect()
end: ring.svg | hang up | close()
\`\`\`

## The call

\`\`\`do ring
\`\`\`

\`\`\`watch
pane server: It listens on **{server.port}**.
row alice: The last that came.
kernel alice bytes_acked: What the peer has acknowledged.
\`\`\`

The kernel chose port {server.port}, and \`connect({server.address})\` came from {alice.port}.
Nobody would have been there without \`listen()\`; see [the other way](ref:ECONNREFUSED).

\`\`\`ask
Who chose the port of the server?

- the client
- [x] the kernel
---
The kernel: it was asked for port 0.
\`\`\`

\`\`\`where linux
This is Linux.
\`\`\`

\`\`\`where windows
That is Windows.
\`\`\`

![A bell](ring.svg)

## The end

\`\`\`do end
\`\`\`

It took {gone}.
`

const experiment = `switchboard: 1
name: A small call
endpoints:
  server: { listen: "tcp://127.0.0.1:0", behaviour: upper }
  alice: { dial: "tcp://127.0.0.1:{server.port}" }
steps:
  - part: ring
  - open: server
  - open: alice
  - send: alice
    text: "hello\\n"
  - expect: alice
    text: "HELLO\\n"
  - part: end
  - close: alice
    took: gone
  - close: server
`

const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="48" height="48" fill="none" stroke="currentColor"><circle cx="24" cy="24" r="16"/></svg>
`

/** Writes a lesson of two steps into a folder of its own. @returns its text's file */
export async function writeLesson(
  folder: string,
  id: string,
  change: (text: string) => string = (same) => same,
): Promise<string> {
  const own = path.join(folder, id)
  await mkdir(own, { recursive: true })
  await writeFile(path.join(own, 'lesson.md'), change(text))
  await writeFile(path.join(own, 'experiment.yaml'), experiment)
  await writeFile(path.join(own, 'ring.svg'), picture)
  return path.join(own, 'lesson.md')
}

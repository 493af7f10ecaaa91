import { behaviourWords } from '../serverWords'
import { type ListeningEnd } from '../plan/plan'
import { type Script } from './script'

/** Streams of Node end by themselves. */
const docs: Readonly<Record<string, string>> = {
  ...behaviourWords,
  echo: 'Sends back what comes (RFC 862).',
  upper: 'Sends back what comes in upper case.',
}

const QUIET = "socket.on('error', () => {}) § A caller that resets ends its own call, and nothing else."

/** Writes the function that answers a caller of a server; gives its name. */
export function answer(script: Script, end: ListeningEnd): string {
  const { functions: out, page } = script
  const name = script.named(`answer ${end.name}`, `answer-${end.name}`)
  const { behaviour } = end
  if (behaviour.is === 'proxy') {
    // It needs what main knows: it stands there.
    script.module('net')
    page.line(`const ${name} = (socket) => {`, docs['proxy'])
    page.in(() => {
      page.block(QUIET)
      page.line(
        `const target = net.connect({ ${script.address(behaviour.to)}, allowHalfOpen: true })`,
        'connect(2): a connection to the other side.',
      )
      page.block(`
target.on('error', () => socket.destroy()) § Where the other side fails, this one ends.
socket.pipe(target) § What the caller says goes on to the other side, its end too …
target.pipe(socket) § … and back.`)
    })
    page.line('}')
    return name
  }
  out.gap()
  if (behaviour.is === 'chat') out.line(`const ${name}Room = new Set()`, 'All who are in the chat.')
  out.line(`/** ${docs[behaviour.is] ?? ''} */`)
  out.line(`function ${name}(socket) {`, 'What is done with one caller.')
  out.in(() => {
    out.block(QUIET)
    lines(script, end, name)
  })
  out.line('}')
  return name
}

function lines(script: Script, { behaviour }: ListeningEnd, name: string): void {
  const { functions: out } = script
  switch (behaviour.is) {
    case 'echo':
      return out.line('socket.pipe(socket)', 'What comes goes back, and the end too.')
    case 'upper':
      if (script.plan.isAscii)
        return out.block(`
socket.on('data', (chunk) => socket.write(chunk.toString().toUpperCase())) § recv(2), send(2): back goes the same in upper case.
socket.on('end', () => socket.end()) § The caller has finished, and so have we: FIN.`)
      script.imports.add('{ StringDecoder } from node:string_decoder')
      return out.block(`
const decoder = new StringDecoder('utf8') § A character may be cut between two reads: the decoder keeps its beginning.
socket.on('data', (chunk) => socket.write(decoder.write(chunk).toUpperCase())) § recv(2), send(2): back goes the same in upper case.
socket.on('end', () => socket.end(decoder.end())) § The caller has finished, and so have we: FIN.`)
    case 'reply':
      out.line(
        `socket.on('data', () => socket.write(${script.bytes(behaviour.bytes)}))`,
        'recv(2), send(2): the same answer to whatever came.',
      )
      return out.line("socket.on('end', () => socket.end())", 'The caller has finished, and so have we: FIN.')
    case 'chargen':
      return out.block(`
const line = String.fromCharCode(...Array.from({ length: 190 }, (_, n) => 32 + (n % 95))) § The printable characters, twice.
let start = 0
const write = () => { § Writes until the kernel takes no more.
  while (socket.write(\`\${line.slice(start, start + 72)}\\r\\n\`)) start = (start + 1) % 95
}
socket.on('drain', write) § It takes more again.
socket.on('end', () => socket.destroy())
socket.resume() § What comes is read, and thrown away.
write()`)
    case 'daytime':
      return out.line('socket.end(`${new Date().toISOString()}\\r\\n`)', 'One line, and FIN.')
    case 'chat':
      return out.block(`
${name}Room.add(socket) § From here on this one hears what others say.
socket.on('data', (chunk) => {
  for (const other of ${name}Room) if (other !== socket) other.write(chunk) § send(2) to each of them.
})
socket.on('end', () => socket.end())
socket.on('close', () => ${name}Room.delete(socket))`)
    default:
      return out.block(`
socket.resume() § What comes is read, and thrown away.
socket.on('end', () => socket.end()) § The caller has finished, and so have we: FIN.`)
  }
}

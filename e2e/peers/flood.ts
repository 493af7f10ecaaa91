import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A Python program that sends datagrams to a port as fast as it can. @returns how many the kernel took */
export async function floods(port: number, datagrams: number): Promise<number> {
  const program = `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
to = ('127.0.0.1', ${port})
print(sum(s.sendto(b'x' * 500, to) > 0 for n in range(${datagrams})))`
  const child = spawn('python3', ['-c', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece))
  await once(child, 'close')
  return Number(text)
}

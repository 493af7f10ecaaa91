import { type Behaviour, type Sock } from '../plan/plan'
import { CHANCE, isRandom, rulesText, ruleTest } from '../rules'
import { type Script } from './script'

type Impair = Extract<Behaviour, { is: 'impair' }>

/** A socket that passes datagrams on as a network does that is not perfect. */
export function impairing(script: Script, { to, rules }: Impair, sock: Sock, isOnly: boolean): void {
  const { page } = script
  const variable = script.variable(sock)
  if (isRandom(rules)) script.cannot(CHANCE)
  const way = script.named(`way of ${sock.name}`, `bad-way-${sock.name}`)
  writeWay(script, rules, way)
  const senders = script.named(`senders of ${sock.name}`, `${sock.name}-senders`)
  let target = 'port' in to ? `${script.number(to.port)}, ${script.text(to.host)}` : ''
  if (isOnly) {
    script.cannot('Where it passes datagrams on to is told by its last two words on the command line.')
    page.line('const [targetHost, targetPort] = process.argv.slice(-2)', 'Where datagrams are passed on to.')
    target = 'Number(targetPort), targetHost'
  }
  const there = `(each) => upstream.send(each, ${target})`
  const back = `(each) => ${variable}.socket.send(each, peer.port, peer.address)`
  page.block(`
const ${senders} = new Map() § Each sender has a socket of its own behind it.
${variable}.socket.on('message', (bytes, peer) => { § recvmsg(2): one whole datagram, and who has sent it.
  const sender = \`\${peer.address}:\${peer.port}\`
  if (!${senders}.has(sender)) {
    const upstream = ${script.module('dgram')}.createSocket('udp${'family' in to && to.family === 6 ? 6 : 4}')
    upstream.on('message', ${rules.ways.includes('back') ? `${way}(${back})` : back}) § Answers go back to who has sent.
    upstream.on('error', () => {}) § Nobody there: the next one may fare better.
    ${senders}.set(sender, ${rules.ways.includes('there') ? `${way}(${there})` : there})
  }
  ${senders}.get(sender)(bytes) § Passed on, or not.
})`)
  if (isOnly)
    page.line(`await ${script.once()}(${variable}.socket, 'close')`, 'Until the program is stopped (Ctrl-C).')
}

function writeWay({ functions: out }: Script, rules: Impair['rules'], way: string): void {
  const test = (which: Impair['rules']['lose']): string | null =>
    ruleTest(which, 'count', (share) => `Math.random() < ${share}`, '===')
  const lose = test(rules.lose)
  const twice = test(rules.duplicate)
  const overtaken = test(rules.reorder)
  const late = rules.delay === null ? null : test(rules.delay.which)
  const lines = [
    `/** One way of a network that ${rulesText(rules)}. */`,
    `function ${way}(send) { § Gives what passes one datagram on.`,
    '  let count = 0 § How many have come.',
  ]
  if (overtaken !== null) lines.push('  let held = null § The one that goes after the next.', '  let timer')
  lines.push('  const go = (bytes, times, ms) => { § It goes on.')
  if (late !== null) lines.push('    if (ms > 0) return setTimeout(go, ms, bytes, times, 0) § After so long.')
  lines.push('    for (let n = 0; n < times; n++) send(bytes) § sendmsg(2)', '  }')
  if (overtaken !== null)
    lines.push(
      '  const release = () => { § The one that was held back goes.',
      '    const before = held',
      '    held = null',
      '    clearTimeout(timer)',
      '    if (before !== null) go(...before)',
      '  }',
    )
  lines.push('  return (bytes) => { § One datagram: what becomes of it.', '    count++')
  if (lose !== null) lines.push(`    if (${lose}) return § This one is lost.`)
  lines.push(
    `    const fate = [bytes, ${twice === null ? '1' : `${twice} ? 2 : 1`}, ${late === null ? '0' : `${late} ? ${rules.delay?.ms ?? 0} : 0`}] § How often it goes out, and how much later.`,
  )
  if (overtaken !== null)
    lines.push(
      `    if (held === null && ${overtaken}) { § This one waits for the next, a second at most.`,
      '      held = fate',
      '      timer = setTimeout(release, 1000)',
      '      return',
      '    }',
      '    go(...fate)',
      '    release()',
    )
  else lines.push('    go(...fate)')
  lines.push('  }', '}')
  out.gap()
  out.block(lines.join('\n'))
}

import { type Behaviour, type Sock } from '../plan/plan'
import { laterIn, wordsIn } from '../plan/addresses'
import { CHANCE, isRandom, rulesText, ruleTest } from '../rules'
import { type Script } from './script'

type Impair = Extract<Behaviour, { is: 'impair' }>

/** A socket that passes datagrams on as a network does that is not perfect. */
export function impairing(script: Script, { to, rules }: Impair, sock: Sock, isOnly: boolean): void {
  const { functions: out, page } = script
  const variable = script.variable(sock)
  script.imports.add('threading')
  if (isRandom(rules)) {
    script.imports.add('random')
    script.cannot(CHANCE)
  }
  for (const each of wordsIn(to).flatMap(laterIn))
    if ('of' in each && !isOnly) script.shared.add(script.bound(each.of, each.part))
  writeWay(script, rules, variable)
  const way = `BadWay_${variable}`
  const back = rules.ways.includes('back') ? `${way}(lambda data: sock.sendto(data, peer)).pass_on` : 'None'
  const there = rules.ways.includes('there') ? `${way}(upstream.send)` : ''
  const target = isOnly ? 'target' : script.address(to)
  out.gap()
  out.line('')
  out.block(`
def answer_back_${variable}(upstream, sock, peer, pass_on): § What comes back from the other side.
    """Answers go back to whoever has sent."""
    with contextlib.suppress(OSError):
        while True:
            data = upstream.recv(65536) § recv(2): one whole datagram.
            if pass_on:
                pass_on(data)
            else:
                sock.sendto(data, peer) § sendto(2): back to who has sent.


def pass_on_${variable}(sock${isOnly ? ', target' : ''}): § Passes datagrams on, and answers back.
    """A network that ${rulesText(rules)}. Each sender has a socket of its own behind it."""
    ways = {}
    while True:
        try:
            data, peer = sock.recvfrom(65536) § recvfrom(2): one whole datagram, and who has sent it.
        except OSError: § The socket has been closed.
            return
        if not data and not peer: § Woken by shutdown(2).
            return
        if peer not in ways:
            upstream = socket.socket(socket.AF_INET${'family' in to && to.family === 6 ? '6' : ''}, socket.SOCK_DGRAM)
            upstream.connect(${target}) § connect(2): where to, and from whom alone it hears.
            ways[peer] = ${there === '' ? 'upstream.send' : `${there}.pass_on`}
            threading.Thread(target=answer_back_${variable}, args=(upstream, sock, peer, ${back}), daemon=True).start()
        with contextlib.suppress(OSError): § Nobody there: the next one may fare better.
            ways[peer](data)`)
  if (isOnly) {
    script.cannot('Where it passes datagrams on to is told by its last two words on the command line.')
    page.line('target = (sys.argv[-2], int(sys.argv[-1]))', 'Where datagrams are passed on to.')
    page.line(`pass_on_${variable}(${variable}, target)`, 'Until the program is stopped (Ctrl-C).')
  } else
    page.line(
      `threading.Thread(target=pass_on_${variable}, args=(${variable},), daemon=True).start()`,
      'A thread of its own passes datagrams on, while we go on; as a daemon it ends with the program.',
    )
}

function writeWay({ functions: out }: Script, rules: Impair['rules'], variable: string): void {
  const test = (which: Impair['rules']['lose']): string | null =>
    ruleTest(which, 'self.count', (share) => `random.random() < ${share}`)
  const lose = test(rules.lose)
  const twice = test(rules.duplicate)
  const overtaken = test(rules.reorder)
  const late = rules.delay === null ? null : test(rules.delay.which)
  out.gap()
  out.line('')
  out.block(`
class BadWay_${variable}: § One way of a network, with what it does to datagrams.
    """One way of a network that ${rulesText(rules)}."""

    def __init__(self, send):
        self.send = send § How a datagram goes on.
        self.count = 0 § How many have come.${overtaken === null ? '' : '\n        self.held = None § The one that goes after the next.'}

    def pass_on(self, data): § One datagram: what becomes of it.
        self.count += 1`)
  const lines = [
    ...(lose === null ? [] : [`        if ${lose}: § This one is lost.`, '            return']),
    `        times = ${twice === null ? '1' : `2 if ${twice} else 1 § This one goes out twice.`}`,
    ...(late === null
      ? []
      : [`        seconds = ${(rules.delay?.ms ?? 0) / 1000} if ${late} else 0 § This one goes out later.`]),
  ]
  const given = late === null ? 'data, times' : 'data, times, seconds'
  if (overtaken !== null)
    lines.push(
      `        if self.held is None and ${overtaken}: § This one waits for the next, a second at most.`,
      `            self.held = (${given})`,
      '            self.timer = threading.Timer(1, self.release)',
      '            self.timer.daemon = True',
      '            self.timer.start()',
      '            return',
      `        self.go(${given})`,
      '        self.release()',
      '',
      '    def release(self): § The one that was held back goes.',
      '        held, self.held = self.held, None',
      '        if held:',
      '            self.timer.cancel()',
      '            self.go(*held)',
    )
  else lines.push(`        self.go(${given})`)
  lines.push('', `    def go(self, ${given}): § It goes on.`)
  if (late !== null)
    lines.push(
      '        if seconds > 0:',
      '            timer = threading.Timer(seconds, self.go, (data, times, 0)) § After so long, in a thread of its own.',
      '            timer.daemon = True',
      '            timer.start()',
      '            return',
    )
  lines.push('        for _ in range(times):', '            self.send(data) § send(2)')
  out.block(lines.join('\n'))
}

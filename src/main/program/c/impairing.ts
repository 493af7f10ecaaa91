import { type Behaviour, type Sock } from '../plan/plan'
import { CHANCE, isRandom, rulesText, ruleTest } from '../rules'
import { type Script } from './script'

type Impair = Extract<Behaviour, { is: 'impair' }>

/** A socket that passes datagrams on as a network does that is not perfect. */
export function impairing(script: Script, { to, rules }: Impair, sock: Sock, isOnly: boolean): void {
  const { functions: out, page } = script
  const variable = script.variable(sock)
  for (const header of ['stdint.h', 'string.h', 'poll.h', 'stdlib.h', 'unistd.h']) script.imports.add(header)
  script.use('die')
  script.use('start')
  const six = 'family' in to && to.family === 6 ? '6' : ''
  script.use(six === '' ? 'ipv4' : 'ipv6')
  if (isRandom(rules)) script.cannot(CHANCE)
  if (rules.delay !== null)
    script.cannot(
      'That datagrams are late (delay=) is left out: it would take a thread, or a clock, for each of them.',
    )
  if (rules.ways.includes('back'))
    script.cannot('Answers come back unharmed: way=back and way=both are left out.')
  const test = (which: Impair['rules']['lose']): string =>
    (rules.ways.includes('there')
      ? ruleTest(which, 'from->count', (share) => `rand() < ${share} * RAND_MAX`)
      : null) ?? '0'
  let target = 'port' in to ? `${script.text(to.host)}, ${script.number(to.port)}` : ''
  if (isOnly) {
    script.cannot('Where it passes datagrams on to is told by its last two words on the command line.')
    script.globals.line('static const char *target_host, *target_port;', 'Where datagrams are passed on to.')
    target = 'target_host, (unsigned short)atoi(target_port)'
  }
  out.gap()
  out.block(`
/* Who sends, with the socket behind it by which that goes on. */
struct sender_${variable} {
    struct sockaddr_storage peer;
    socklen_t length;
    int upstream;
    unsigned long count; § How many it has sent.
    int held_times; § How often the one goes out that waits for the next; 0: there is none.
    size_t held_length;
    char held[65536];
};

static void go_${variable}(struct sender_${variable} *from, const char *data, size_t length, int times) § It goes on.
{
    while (times-- > 0)
        if (send(from->upstream, data, length, MSG_NOSIGNAL) == -1) § send(2)
            perror("send"); § Nobody there: the next one may fare better.
}

static void release_${variable}(struct sender_${variable} *from) § The one that was held back goes.
{
    go_${variable}(from, from->held, from->held_length, from->held_times);
    from->held_times = 0;
}

static struct sender_${variable} *sender_${variable}(struct sockaddr_storage *peer, socklen_t length) § A sender seen for the first time.
{
    struct sender_${variable} *from = calloc(1, sizeof *from);
    struct sockaddr_in${six} to = ipv${six === '' ? 4 : 6}(${target});
    if (from == NULL)
        die("calloc");
    from->peer = *peer;
    from->length = length;
    from->upstream = socket(AF_INET${six}, SOCK_DGRAM, 0); § socket(2)
    if (from->upstream == -1 || connect(from->upstream, (struct sockaddr *)&to, sizeof to) == -1) § connect(2): where to, and from whom alone it hears.
        die("connect");
    return from;
}

/* A network that ${rulesText(rules)}. Each sender has a socket of its own behind it. */
static void *pass_on_${variable}(void *argument) § Passes datagrams on, and answers back.
{
    static char data[65536];
    static struct sender_${variable} *senders[64];
    struct pollfd watch[65] = {{.fd = (int)(intptr_t)argument, .events = POLLIN}};
    nfds_t count = 0;
    for (;;) {
        int ready = poll(watch, count + 1, 1000); § poll(2): waits for any of them, a second at most.
        for (nfds_t at = 0; at < count; at++) {
            if (ready == 0)
                release_${variable}(senders[at]); § Nobody has overtaken it.
            if (!(watch[at + 1].revents & POLLIN))
                continue;
            ssize_t came = recv(senders[at]->upstream, data, sizeof data, 0); § recv(2): an answer …
            if (came >= 0 && sendto(watch[0].fd, data, (size_t)came, MSG_NOSIGNAL, (struct sockaddr *)&senders[at]->peer, senders[at]->length) == -1) § … goes back to who has sent: sendto(2).
                perror("sendto");
        }
        if (watch[0].revents == 0)
            continue;
        struct sockaddr_storage peer;
        socklen_t length = sizeof peer;
        ssize_t came = recvfrom(watch[0].fd, data, sizeof data, 0, (struct sockaddr *)&peer, &length); § recvfrom(2): one whole datagram, and who has sent it.
        if (came == -1 || (came == 0 && length == 0))
            return NULL; § The socket has been closed.
        nfds_t at = 0;
        while (at < count && memcmp(&senders[at]->peer, &peer, length) != 0) § Who is it?
            at++;
        if (at == 64)
            continue; § As many as there is room for.
        if (at == count) {
            senders[count++] = sender_${variable}(&peer, length);
            watch[count] = (struct pollfd){.fd = senders[at]->upstream, .events = POLLIN};
        }
        struct sender_${variable} *from = senders[at];
        from->count++;
        if (${test(rules.lose)}) § This one is lost.
            continue;
        int times = ${test(rules.duplicate)} ? 2 : 1; § How often it goes out.
        if (from->held_times == 0 && (${test(rules.reorder)})) { § This one waits for the next.
            memcpy(from->held, data, (size_t)came);
            from->held_length = (size_t)came;
            from->held_times = times;
            continue;
        }
        go_${variable}(from, data, (size_t)came, times);
        release_${variable}(from);
    }
}`)
  if (isOnly) {
    page.line('target_host = argv[argc - 2];', 'Where datagrams are passed on to.')
    page.line('target_port = argv[argc - 1];')
    page.line(`pass_on_${variable}((void *)(intptr_t)${variable});`, 'Until the program is stopped (Ctrl-C).')
  } else
    page.line(
      `start(pass_on_${variable}, (void *)(intptr_t)${variable});`,
      'A thread of its own passes datagrams on, while we go on; it ends with the program.',
    )
}

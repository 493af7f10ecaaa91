import { type Way } from '../../behaviours/impairRules'
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
  let target = 'port' in to ? `${script.text(to.host)}, ${script.number(to.port)}` : ''
  if (isOnly) {
    script.cannot('Where it passes datagrams on to is told by its last two words on the command line.')
    script.globals.line('static const char *target_host, *target_port;', 'Where datagrams are passed on to.')
    target = 'target_host, (unsigned short)atoi(target_port)'
  }
  writeWay(script, rules, variable)
  const pass = (way: Way): string => `${rules.ways.includes(way) ? 'pass' : 'put'}_${variable}`
  const times = (way: Way): string => (rules.ways.includes(way) ? '' : ', 1')
  out.gap()
  out.block(`
/* Who sends, with the socket behind it by which that goes on. */
struct sender_${variable} {
    int upstream;
    struct way_${variable} there, back;
};

static struct sender_${variable} *sender_${variable}(int fd, struct sockaddr_storage *peer, socklen_t length) § A sender seen for the first time.
{
    struct sender_${variable} *from = calloc(1, sizeof *from);
    struct sockaddr_in${six} to = ipv${six === '' ? 4 : 6}(${target});
    if (from == NULL)
        die("calloc");
    from->upstream = socket(AF_INET${six}, SOCK_DGRAM, 0); § socket(2)
    if (from->upstream == -1 || connect(from->upstream, (struct sockaddr *)&to, sizeof to) == -1) § connect(2): where to, and from whom alone it hears.
        die("connect");
    from->there.fd = from->upstream;
    from->back.fd = fd; § Answers leave by the socket that was sent to.
    from->back.to = *peer;
    from->back.to_length = length;
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
            if (ready == 0) { § Nobody has overtaken what was held back.
                release_${variable}(&senders[at]->there);
                release_${variable}(&senders[at]->back);
            }
            if (!(watch[at + 1].revents & POLLIN))
                continue;
            ssize_t came = recv(senders[at]->upstream, data, sizeof data, 0); § recv(2): an answer …
            if (came >= 0)
                ${pass('back')}(&senders[at]->back, data, (size_t)came${times('back')}); § … goes back to who has sent.
        }
        if (watch[0].revents == 0)
            continue;
        struct sockaddr_storage peer;
        socklen_t length = sizeof peer;
        ssize_t came = recvfrom(watch[0].fd, data, sizeof data, 0, (struct sockaddr *)&peer, &length); § recvfrom(2): one whole datagram, and who has sent it.
        if (came == -1 || (came == 0 && length == 0))
            return NULL; § The socket has been closed.
        nfds_t at = 0;
        while (at < count && memcmp(&senders[at]->back.to, &peer, length) != 0) § Who is it?
            at++;
        if (at == 64)
            continue; § As many as there is room for.
        if (at == count) {
            senders[count++] = sender_${variable}(watch[0].fd, &peer, length);
            watch[count] = (struct pollfd){.fd = senders[at]->upstream, .events = POLLIN};
        }
        ${pass('there')}(&senders[at]->there, data, (size_t)came${times('there')});
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

/** What a network does to the datagrams that go one way. */
function writeWay(script: Script, rules: Impair['rules'], variable: string): void {
  const { functions: out } = script
  const test = (which: Impair['rules']['lose']): string =>
    ruleTest(which, 'way->count', (share) => `rand() < ${share} * RAND_MAX`) ?? '0'
  const { delay } = rules
  const late = (line: string): string => (delay === null ? '' : `\n${line}`)
  const go = delay === null ? `put_${variable}` : `go_${variable}`
  out.gap()
  out.block(`
/* One way between a sender and the other side. */
struct way_${variable} {
    int fd;
    struct sockaddr_storage to;
    socklen_t to_length; § 0: the socket is connected.
    unsigned long count; § How many datagrams have come.
    int held_times; § How often the one goes out that waits for the next; 0: there is none.${late('    long held_ms; § And how late.')}
    size_t held_length;
    char held[65536];
};

static void put_${variable}(struct way_${variable} *way, const char *data, size_t length, int times) § It goes out.
{
    const struct sockaddr *to = way->to_length == 0 ? NULL : (struct sockaddr *)&way->to;
    while (times-- > 0)
        if (sendto(way->fd, data, length, MSG_NOSIGNAL, to, way->to_length) == -1) § sendto(2)
            perror("sendto"); § Nobody there: the next one may fare better.
}`)
  if (delay !== null) writeLate(script, variable)
  out.gap()
  out.block(`
static void release_${variable}(struct way_${variable} *way) § The one that was held back goes.
{
    int times = way->held_times;
    way->held_times = 0;
    ${go}(way, way->held, way->held_length, times${delay === null ? '' : ', way->held_ms'});
}

static void pass_${variable}(struct way_${variable} *way, const char *data, size_t length) § One datagram: what becomes of it.
{
    way->count++;
    if (${test(rules.lose)}) § This one is lost.
        return;
    int times = ${test(rules.duplicate)} ? 2 : 1; § How often it goes out.${late(`    long ms = ${test(delay?.which ?? null)} ? ${delay?.ms ?? 0} : 0; § How late.`)}
    if (way->held_times == 0 && (${test(rules.reorder)})) { § This one waits for the next.
        memcpy(way->held, data, length);
        way->held_length = length;
        way->held_times = times;${late('        way->held_ms = ms;')}
        return;
    }
    ${go}(way, data, length, times${delay === null ? '' : ', ms'});
    release_${variable}(way);
}`)
}

/** Datagrams that go out later: a thread for each. */
function writeLate(script: Script, variable: string): void {
  script.use('sleep_ms')
  script.functions.gap()
  script.functions.block(`
/* A datagram that goes out later. */
struct late_${variable} {
    struct way_${variable} *way;
    int times;
    long ms;
    size_t length;
    char data[];
};

static void *later_${variable}(void *argument) § Sleeps, and lets it go.
{
    struct late_${variable} *late = argument;
    sleep_ms(late->ms);
    put_${variable}(late->way, late->data, late->length, late->times);
    free(late);
    return NULL;
}

static void go_${variable}(struct way_${variable} *way, const char *data, size_t length, int times, long ms) § It goes on, now or later.
{
    if (ms == 0 || times == 0) {
        put_${variable}(way, data, length, times);
        return;
    }
    struct late_${variable} *late = malloc(sizeof *late + length);
    if (late == NULL)
        die("malloc");
    late->way = way;
    late->times = times;
    late->ms = ms;
    late->length = length;
    memcpy(late->data, data, length);
    pthread_detach(start(later_${variable}, late)); § A thread of its own waits for it, and is gone then.
}`)
}

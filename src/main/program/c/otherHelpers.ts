import { type Helper } from '../helper'

/** Functions for waiting, threads, numbers of the kernel, and what behaviours need. */
export const otherHelpers: Readonly<Record<string, Helper>> = {
  address_text: {
    text: `
static const char *address_text(const struct sockaddr_storage *address, socklen_t length) § An address as text: host and port, or the path.
{
    static char text[NI_MAXHOST + NI_MAXSERV];
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (address->ss_family == AF_UNIX) {
        const char *path = ((const struct sockaddr_un *)address)->sun_path;
        int room = (int)(length - offsetof(struct sockaddr_un, sun_path));
        if (room > 0 && path[0] == '\\0')
            snprintf(text, sizeof text, "@%.*s", room - 1, path + 1); § An abstract name begins with a zero byte: unix(7).
        else
            snprintf(text, sizeof text, "%.*s", room, path); § Not longer than what is told: the zero at its end may be missing.
    } else {
        if (getnameinfo((const struct sockaddr *)address, length, host, sizeof host, port, sizeof port,
                        NI_NUMERICHOST | NI_NUMERICSERV) != 0) § getnameinfo(3): both as numbers.
            fail("getnameinfo failed");
        snprintf(text, sizeof text, "%s %s", host, port);
    }
    return text;
}`,
    imports: ['netdb.h', 'stddef.h', 'stdio.h', 'sys/un.h'],
    needs: ['fail'],
  },
  read_line: {
    text: `
static ssize_t read_line(FILE *file, char *line, ssize_t size) § Reads a line with its end; 0 bytes once the peer has finished.
{
    ssize_t length = 0;
    int byte;
    while (length < size && (byte = getc(file)) != EOF) § getc(3): out of the buffer; recv(2) only when that is empty.
        if ((line[length++] = (char)byte) == '\\n')
            break;
    return ferror(file) ? -1 : length;
}`,
    imports: ['stdio.h'],
  },
  set_blocking: {
    text: `
static void set_blocking(int fd, int is_blocking) § Whether calls on this socket wait.
{
    int flags = fcntl(fd, F_GETFL); § fcntl(2): the flags of the descriptor.
    if (flags == -1 || fcntl(fd, F_SETFL, is_blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK) == -1)
        die("fcntl");
}`,
    imports: ['fcntl.h'],
    needs: ['die'],
  },
  expect_dialling: {
    text: `
static void expect_dialling(const char *name, int fd, int ms) § For so long nobody answers the call.
{
    struct pollfd wanted = {.fd = fd, .events = POLLOUT}; § It can be written to once it is connected, or has failed.
    if (poll(&wanted, 1, ms) != 0) § poll(2): 0 when the time is over.
        fail("%s: somebody answered, expected no answer", name);
}`,
    imports: ['poll.h'],
    needs: ['fail'],
  },
  finish_connect: {
    text: `
static void finish_connect(const char *name, int fd, int ms) § Waits until a call that was begun is answered.
{
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};
    int problem;
    socklen_t length = sizeof problem;
    if (poll(&wanted, 1, ms) != 1) § poll(2): it can be written to once it is connected, or has failed.
        fail("%s: nobody answered in time", name);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &length) == -1 || problem != 0) { § SO_ERROR of socket(7): what connect(2) came to.
        errno = problem;
        die("connect");
    }
    set_blocking(fd, 1);
}`,
    imports: ['poll.h', 'errno.h'],
    needs: ['fail', 'die', 'set_blocking'],
  },
  tcp_info_of: {
    text: `
static struct tcp_info tcp_info_of(int fd) § What the kernel knows of a TCP socket.
{
    struct tcp_info info = {0}; § Of <linux/tcp.h>.
    socklen_t length = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == -1) § getsockopt(2), TCP_INFO of tcp(7).
        die("getsockopt TCP_INFO");
    return info;
}`,
    imports: ['linux/tcp.h', 'netinet/in.h'],
    needs: ['die'],
  },
  queue_bytes: {
    text: `
static int queue_bytes(int fd, unsigned long request) § How many bytes lie in one of a socket's queues.
{
    int bytes;
    if (ioctl(fd, request, &bytes) == -1) § ioctl(2): SIOCINQ or SIOCOUTQ of tcp(7).
        die("ioctl");
    return bytes;
}`,
    imports: ['sys/ioctl.h', 'linux/sockios.h'],
    needs: ['die'],
  },
  mem_info_of: {
    text: `
static unsigned mem_info_of(int fd, int which) § One number of the memory that a socket takes.
{
    unsigned numbers[SK_MEMINFO_VARS] = {0}; § Of <linux/sock_diag.h>.
    socklen_t length = sizeof numbers;
    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, numbers, &length) == -1) § getsockopt(2)
        die("getsockopt SO_MEMINFO");
    return numbers[which];
}`,
    imports: ['linux/sock_diag.h'],
    needs: ['die'],
  },
  peer_of: {
    text: `
static struct ucred peer_of(int fd) § Who was at the other end when the connection was made.
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == -1) § getsockopt(2), SO_PEERCRED of unix(7).
        die("getsockopt SO_PEERCRED");
    return peer;
}`,
    needs: ['die'],
  },
  unplug: {
    text: `
/* A filter of one instruction, "let through 0 bytes": SO_ATTACH_FILTER of socket(7). */
static void unplug(int fd) § Loses whatever is sent to this socket from here on, as if a cable were pulled out.
{
    struct sock_filter drop = {.code = BPF_RET | BPF_K, .k = 0};
    struct sock_fprog program = {.len = 1, .filter = &drop};
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == -1) § setsockopt(2)
        die("setsockopt SO_ATTACH_FILTER");
}`,
    imports: ['linux/filter.h'],
    needs: ['die'],
  },
  start: {
    text: `
static pthread_t start(void *(*function)(void *), void *argument) § Runs a function in a thread of its own.
{
    pthread_t thread;
    if ((errno = pthread_create(&thread, NULL, function, argument)) != 0) § pthread_create(3): gives the errno instead of setting it.
        die("pthread_create");
    return thread;
}`,
    imports: ['pthread.h', 'errno.h'],
    needs: ['die'],
  },
  read_in_background: {
    text: `
static void *read_all(void *argument) § What the thread does: it reads whatever comes, and drops it.
{
    int fd = *(int *)argument;
    char rest[65536];
    free(argument);
    while (recv(fd, rest, sizeof rest, 0) > 0) § recv(2): 0 once the peer has finished, -1 where it fails.
        ;
    return NULL;
}

static void read_in_background(int fd) § Reads in a thread.
{
    int *what = malloc(sizeof *what);
    if (what == NULL)
        die("malloc");
    *what = fd;
    pthread_detach(start(read_all, what)); § Nobody waits for its end.
}`,
    imports: ['pthread.h', 'stdlib.h'],
    needs: ['die', 'start'],
  },
  ends_within: {
    text: `
static int ends_within(pthread_t thread, long ms) § Waits for the end of a thread; 0 where it goes on.
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until); § clock_gettime(2)
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return pthread_timedjoin_np(thread, NULL, &until) == 0; § pthread_timedjoin_np(3): ETIMEDOUT where it goes on.
}`,
    imports: ['pthread.h', 'time.h'],
  },
  hand_over: {
    text: `
/* A pipe holds what one thread hands to another, in order. */
static void hand_over(int to, const void *what, size_t size) § Hands something to another thread.
{
    if (write(to, what, size) != (ssize_t)size) § write(2): so little goes in as a whole, pipe(7).
        die("write");
}

static void take_over(const char *name, int from, void *what, size_t size, int ms) § Takes what another thread has handed over.
{
    struct pollfd wanted = {.fd = from, .events = POLLIN};
    if (poll(&wanted, 1, ms) != 1 || read(from, what, size) != (ssize_t)size) § poll(2), read(2)
        fail("%s: nobody came in time", name);
}`,
    imports: ['unistd.h', 'poll.h'],
    needs: ['die', 'fail'],
  },
  watched: {
    text: `
/* A caller that a thread answers: what it sends goes through a pair of sockets to the main thread, too. */
struct watched {
    int conn; § The connection itself.
    int seen; § Here the main thread reads what came.
    int tell; § Here the thread that answers writes it.
};

static ssize_t read_and_tell(struct watched *caller, char *data, size_t size) § recv for the thread that answers.
{
    ssize_t came = recv(caller->conn, data, size, 0); § recv(2)
    if (came > 0)
        send_all(caller->tell, data, (size_t)came);
    else if (came == 0)
        shutdown(caller->tell, SHUT_WR); § FIN is handed on.
    else
        close(caller->tell); § There is a byte in it that nobody has read: the other end sees ECONNRESET, as we did (unix(7)).
    return came;
}`,
    imports: ['unistd.h'],
    needs: ['send_all'],
  },
  upper_utf8: {
    text: `
/* A character may be cut between two reads: \`state\` keeps its beginning. towupper(3) makes one character of one, so ß is done by hand. */
static size_t upper_utf8(const char *in, size_t length, char *out, mbstate_t *state) § Text in UTF-8, in upper case.
{
    size_t made = 0;
    for (size_t at = 0; at < length;) {
        wchar_t letter;
        size_t used = mbrtowc(&letter, in + at, length - at, state); § mbrtowc(3): the next character, of one byte or several.
        if (used == (size_t)-2) § Its rest has not come yet.
            break;
        if (used == (size_t)-1 || used == 0) { § No UTF-8, or NUL: it stays as it is.
            memset(state, 0, sizeof *state);
            out[made++] = in[at++];
            continue;
        }
        at += used;
        mbstate_t fresh = {0};
        if (letter == 0xdf)
            out[made++] = 'S', letter = 'S';
        made += wcrtomb(out + made, (wchar_t)towupper((wint_t)letter), &fresh); § towupper(3), wcrtomb(3)
    }
    return made;
}`,
    imports: ['wchar.h', 'wctype.h', 'string.h', 'locale.h'],
  },
  pass_on: {
    text: `
struct direction { § What is passed on: from where, and where to.
    int from;
    int to;
};

static void *pass_on(void *argument) § Passes on what one side says, and its end.
{
    struct direction *way = argument;
    char data[65536];
    ssize_t came;
    while ((came = recv(way->from, data, sizeof data, 0)) > 0) § recv(2), until that side has finished.
        send_all(way->to, data, (size_t)came);
    shutdown(way->to, SHUT_WR); § shutdown(2): hands its FIN on.
    return NULL;
}`,
    needs: ['send_all'],
  },
}

import { type Helper } from '../helper'

/** Functions of C programs that need them, in the order in which they stand; `imports` are headers. */
export const cHelpers: Readonly<Record<string, Helper>> = {
  fail: {
    text: `
/* Something is not as expected: one line, and exit code 1. */
static _Noreturn void fail(const char *format, ...) § Says what is not as expected, and ends the program.
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments); § vfprintf(3): as printf, with what was given to us.
    va_end(arguments);
    fputc('\\n', stderr);
    exit(1); § exit(3) with 1: not as expected.
}`,
    imports: ['stdarg.h', 'stdio.h', 'stdlib.h'],
  },
  die: {
    text: `
/* A call has failed: says which, and why. */
static _Noreturn void die(const char *call) § Says which call has failed, with what errno stands for.
{
    perror(call); § perror(3): the name of the call, and errno in words: errno(3).
    exit(1);
}`,
    imports: ['stdio.h', 'stdlib.h', 'errno.h'],
  },
  sleep_ms: {
    text: `
static void sleep_ms(long ms) § Waits for so many milliseconds.
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) == -1 && errno == EINTR) § nanosleep(2): a signal may wake it; then it sleeps on.
        ;
}`,
    imports: ['time.h', 'errno.h'],
  },
  remove_at_exit: {
    text: `
static char *files[32]; § What is to be removed at the end.
static int file_count;

static void remove_files(void) § Runs when the program ends.
{
    while (file_count > 0)
        remove(files[--file_count]); § remove(3): unlink(2), or of a folder rmdir(2).
}

/* The file of a Unix socket stays when the socket is gone: it is removed at the end. */
static void remove_at_exit(const char *path) § Remembers a file, to remove it at the end.
{
    if (file_count == 0 && atexit(remove_files) != 0) § atexit(3): calls it however the program ends.
        fail("atexit failed");
    files[file_count++] = strdup(path);
}`,
    imports: ['stdio.h', 'stdlib.h', 'string.h'],
    needs: ['fail'],
  },
  ipv4: {
    text: `
static struct sockaddr_in ipv4(const char *host, unsigned short port) § An IPv4 address as the calls take it: ip(7).
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)}; § htons(3): the port's bytes in the order of the network.
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) § inet_pton(3): the address from its text.
        fail("%s is no IPv4 address", host);
    return address;
}`,
    imports: ['arpa/inet.h', 'netinet/in.h'],
    needs: ['fail'],
  },
  ipv6: {
    text: `
static struct sockaddr_in6 ipv6(const char *host, unsigned short port) § An IPv6 address as the calls take it: ipv6(7).
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)}; § htons(3): the port's bytes in the order of the network.
    if (inet_pton(AF_INET6, host, &address.sin6_addr) != 1) § inet_pton(3): the address from its text.
        fail("%s is no IPv6 address", host);
    return address;
}`,
    imports: ['arpa/inet.h', 'netinet/in.h'],
    needs: ['fail'],
  },
  unix_address: {
    text: `
/* An abstract name is written with @ in front; in the kernel it begins with a NUL byte, and has none at its end. */
static struct sockaddr_un unix_address(const char *path, socklen_t *length) § The address of a Unix socket as the calls take it: unix(7).
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t size = strlen(path);
    if (size >= sizeof address.sun_path) § It holds 108 bytes, with the NUL at the end.
        fail("%s is too long for the path of a socket", path);
    memcpy(address.sun_path, path, size);
    *length = offsetof(struct sockaddr_un, sun_path) + size + (path[0] == '@' ? 0 : 1);
    if (path[0] == '@')
        address.sun_path[0] = '\\0';
    return address;
}`,
    imports: ['sys/un.h', 'stddef.h', 'string.h'],
    needs: ['fail'],
  },
  port_of: {
    text: `
static unsigned short port_of(int fd) § The port that a socket is bound to.
{
    struct sockaddr_storage address; § Room for an address of any family.
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) == -1) § getsockname(2): its own address.
        die("getsockname");
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port); § ntohs(3): from the order of the network.
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}`,
    imports: ['netinet/in.h', 'arpa/inet.h'],
    needs: ['die'],
  },
  lan_address: {
    text: `
/* The address from which this machine sends to others: connect(2) of a UDP socket sends nothing. */
static const char *lan_address(void) § The first address of this machine that others can reach.
{
    static char text[INET_ADDRSTRLEN];
    struct sockaddr_in to = ipv4("192.0.2.1", 9), own;
    socklen_t length = sizeof own;
    int probe = socket(AF_INET, SOCK_DGRAM, 0);
    if (probe == -1 || connect(probe, (struct sockaddr *)&to, sizeof to) == -1) § The kernel looks up the route, and with it the address to send from.
        die("connect");
    if (getsockname(probe, (struct sockaddr *)&own, &length) == -1) § getsockname(2): what it chose.
        die("getsockname");
    close(probe);
    inet_ntop(AF_INET, &own.sin_addr, text, sizeof text); § inet_ntop(3): the address as text.
    return text;
}`,
    needs: ['ipv4', 'die'],
    imports: ['unistd.h'],
  },
  set_option: {
    text: `
static void set_option(int fd, int level, int option, int value, const char *name) § Sets an option that is a whole number.
{
    if (setsockopt(fd, level, option, &value, sizeof value) == -1) § setsockopt(2)
        die(name);
}`,
    needs: ['die'],
  },
  set_timeout: {
    text: `
/* What waits on this socket gives up after so long, with EAGAIN: SO_RCVTIMEO and SO_SNDTIMEO of socket(7). */
static void set_timeout(int fd, long ms) § From here on calls on this socket give up after so long.
{
    struct timeval time = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) == -1) § setsockopt(2): for recv(2) and accept(2).
        die("setsockopt SO_RCVTIMEO");
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time) == -1) § setsockopt(2): for send(2) and connect(2).
        die("setsockopt SO_SNDTIMEO");
}`,
    imports: ['sys/time.h'],
    needs: ['die'],
  },
  connect_to: {
    text: `
/* Tries each address of the host in turn. */
static int connect_to(const char *host, const char *port, long ms) § A TCP connection to a host by its name or address.
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list; § A stream, over IPv4 or IPv6.
    int problem = getaddrinfo(host, port, &hints, &list); § getaddrinfo(3): all addresses of the host.
    if (problem != 0)
        fail("%s: %s", host, gai_strerror(problem)); § gai_strerror(3): these errors have numbers of their own.
    int fd = -1;
    for (struct addrinfo *each = list; each != NULL; each = each->ai_next) {
        fd = socket(each->ai_family, each->ai_socktype, each->ai_protocol); § socket(2) of the family that goes with the address.
        if (fd == -1)
            die("socket");
        set_timeout(fd, ms);
        if (connect(fd, each->ai_addr, each->ai_addrlen) == 0) § connect(2): comes back once somebody has answered, or refused.
            break;
        int saved = errno; § close(2) may change it.
        close(fd);
        errno = saved;
        fd = -1;
    }
    if (fd == -1)
        die("connect");
    freeaddrinfo(list);
    return fd;
}`,
    imports: ['netdb.h', 'unistd.h', 'errno.h'],
    needs: ['fail', 'die', 'set_timeout'],
  },
  look_up: {
    text: `
static struct addrinfo *look_up(const char *host, const char *port, int type) § The first address of a host.
{
    struct addrinfo hints = {.ai_socktype = type}, *list;
    int problem = getaddrinfo(host, port, &hints, &list); § getaddrinfo(3)
    if (problem != 0)
        fail("%s: %s", host, gai_strerror(problem)); § gai_strerror(3): these errors have numbers of their own.
    return list;
}`,
    imports: ['netdb.h'],
    needs: ['fail'],
  },
  expect_errno: {
    text: `
static void expect_errno(const char *name, const char *call, int code, int result) § A call must have failed, with this errno.
{
    if (result != -1)
        fail("%s: %s worked, expected: %s", name, call, strerror(code)); § strerror(3): the errno in words.
    if (errno != code)
        die(call);
}`,
    imports: ['errno.h', 'string.h'],
    needs: ['fail', 'die'],
  },
  send_all: {
    text: `
/* send(2) takes what fits, which may be less: it is asked again until all is taken. MSG_NOSIGNAL: a peer that is gone is EPIPE and no signal. */
static void send_all(int fd, const char *data, size_t length) § Sends all of it.
{
    while (length > 0) {
        ssize_t taken = send(fd, data, length, MSG_NOSIGNAL); § send(2): gives how many bytes the kernel has taken.
        if (taken == -1 && errno == EINTR) § A signal came: nothing is lost, again.
            continue;
        if (taken == -1)
            die("send");
        data += taken; § What is left is sent next.
        length -= (size_t)taken;
    }
}`,
    imports: ['errno.h'],
    needs: ['die'],
  },
  send_in_background: {
    text: `
struct much { § What a thread is to send.
    int fd;
    const char *data;
    size_t length;
};

static void *send_much(void *argument) § What the thread does.
{
    struct much *what = argument;
    send_all(what->fd, what->data, what->length);
    free(what);
    return NULL;
}

static void send_in_background(int fd, const char *data, size_t length) § Sends in a thread: send(2) waits where nobody reads.
{
    struct much *what = malloc(sizeof *what);
    pthread_t thread;
    if (what == NULL)
        die("malloc");
    *what = (struct much){fd, data, length};
    if ((errno = pthread_create(&thread, NULL, send_much, what)) != 0) § pthread_create(3)
        die("pthread_create");
    pthread_detach(thread); § Nobody waits for its end.
}`,
    imports: ['pthread.h', 'stdlib.h', 'errno.h'],
    needs: ['die', 'send_all'],
  },
  send_file: {
    text: `
static void send_file(int fd, const char *path) § Sends a file, in the folder that the program runs in.
{
    int file = open(path, O_RDONLY); § open(2)
    if (file == -1)
        die(path);
    ssize_t sent;
    while ((sent = sendfile(fd, file, NULL, 65536)) > 0) § sendfile(2): the kernel copies it to the socket; 0 at the end.
        ;
    if (sent == -1)
        die("sendfile");
    close(file);
}`,
    imports: ['fcntl.h', 'sys/sendfile.h', 'unistd.h'],
    needs: ['die'],
  },
  read_file: {
    text: `
static size_t read_file(const char *path, char *data, size_t size) § A file, as one datagram.
{
    FILE *file = fopen(path, "rb"); § fopen(3)
    if (file == NULL)
        die(path);
    size_t length = fread(data, 1, size, file); § fread(3)
    fclose(file);
    return length;
}`,
    imports: ['stdio.h'],
    needs: ['die'],
  },
  receive: {
    text: `
static size_t receive(const char *name, int fd, char *data, size_t size) § What has come, up to so many bytes; 0 at the end.
{
    for (;;) {
        ssize_t came = recv(fd, data, size, 0); § recv(2): waits for something; 0 once the peer has finished.
        if (came >= 0)
            return (size_t)came;
        if (errno == EAGAIN) § SO_RCVTIMEO is over.
            fail("%s: nothing more came in time", name);
        if (errno != EINTR)
            die(name);
    }
}`,
    imports: ['errno.h'],
    needs: ['fail', 'die'],
  },
  expect_bytes: {
    text: `
/* A stream has no messages: what was sent at once may come in pieces, so it is read until all is there. */
static void expect_bytes(const char *name, int fd, const char *wanted, size_t length) § Reads so many bytes, and compares them.
{
    char data[4096];
    for (size_t done = 0; done < length;) {
        size_t most = length - done < sizeof data ? length - done : sizeof data;
        size_t came = receive(name, fd, data, most); § No more than is expected: the rest stays for the next read.
        if (came == 0)
            fail("%s: its end came after %zu of %zu bytes", name, done, length);
        if (memcmp(data, wanted + done, came) != 0) § memcmp(3): one other byte is enough.
            fail("%s: other bytes came than expected, after %zu of %zu: %.*s", name, done, length, (int)came, data);
        done += came;
    }
}`,
    imports: ['string.h'],
    needs: ['fail', 'receive'],
  },
  skip_bytes: {
    text: `
static void skip_bytes(const char *name, int fd, size_t length) § Reads so many bytes, whatever they are.
{
    char data[4096];
    while (length > 0) {
        size_t came = receive(name, fd, data, length < sizeof data ? length : sizeof data);
        if (came == 0)
            fail("%s: its end came, and %zu bytes are missing", name, length);
        length -= came;
    }
}`,
    needs: ['fail', 'receive'],
  },
  matches: {
    text: `
/* Where the first match ends; -1 where there is none. */
static ssize_t matches(const char *pattern, int flags, const char *data, size_t length) § Looks for an expression in some bytes.
{
    regex_t compiled;
    regmatch_t match = {.rm_so = 0, .rm_eo = (regoff_t)length}; § REG_STARTEND: where the text begins and ends, NUL bytes and all.
    if (regcomp(&compiled, pattern, REG_EXTENDED | flags) != 0) § regcomp(3): an extended expression, regex(7).
        fail("%s is no regular expression", pattern);
    int found = regexec(&compiled, data, 1, &match, REG_STARTEND); § regexec(3)
    regfree(&compiled);
    return found == 0 ? match.rm_eo : -1;
}`,
    imports: ['regex.h'],
    needs: ['fail'],
  },
  expect_match: {
    text: `
/* Looks at what has come (MSG_PEEK leaves it there) until it fits, and takes it up to the end of the match. */
static void expect_match(const char *name, int fd, const char *pattern, int flags, long ms) § Reads up to where an expression fits.
{
    static char data[65536];
    for (long left = ms; left > 0; left -= 10) {
        ssize_t came = recv(fd, data, sizeof data, MSG_PEEK); § recv(2) with MSG_PEEK: reads, and leaves it in the kernel.
        if (came == -1)
            die(name);
        ssize_t end = matches(pattern, flags, data, (size_t)came);
        if (end >= 0) {
            skip_bytes(name, fd, (size_t)end); § What comes after the match stays for the next read.
            return;
        }
        sleep_ms(10); § What is there does not fit yet, and to peek again at once would give the same.
    }
    fail("%s: nothing that came fits %s", name, pattern);
}`,
    needs: ['matches', 'skip_bytes', 'sleep_ms', 'die', 'fail'],
  },
  expect_end: {
    text: `
static void expect_end(const char *name, int fd) § The peer finishes now, and nothing comes before that.
{
    char data[64];
    if (receive(name, fd, data, sizeof data) > 0) § recv(2) gives 0 bytes once FIN has come.
        fail("%s: bytes came where its end was expected", name);
}`,
    needs: ['fail', 'receive'],
  },
  read_to_end: {
    text: `
static void read_to_end(const char *name, int fd) § Reads whatever comes until the peer has finished.
{
    char data[4096];
    while (receive(name, fd, data, sizeof data) > 0) § recv(2) gives 0 bytes once FIN has come.
        ;
}`,
    needs: ['receive'],
  },
  expect_error: {
    text: `
static void expect_error(const char *name, int fd, int code) § Reading must fail with this errno.
{
    char data[4096];
    ssize_t came;
    while ((came = recv(fd, data, sizeof data, 0)) > 0) § recv(2): -1 once the error is there.
        ;
    if (came == 0)
        fail("%s: its end came, expected: %s", name, strerror(code)); § strerror(3): the errno in words.
    if (errno != code)
        die(name);
}`,
    imports: ['errno.h', 'string.h'],
    needs: ['fail', 'die'],
  },
  expect_broken: {
    text: `
/* recv(2) gives 0 bytes once FIN has come, RST or not: poll(2) and SO_ERROR tell of it. */
static void expect_broken(const char *name, int fd, int ms) § RST comes after FIN.
{
    struct pollfd wanted = {.fd = fd, .events = 0}; § POLLERR and POLLHUP are told without asking.
    int problem = 0;
    socklen_t length = sizeof problem;
    if (poll(&wanted, 1, ms) != 1) § poll(2)
        fail("%s: RST did not come in time", name);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &length) == -1) § SO_ERROR of socket(7): EPIPE, as FIN had come before.
        die("getsockopt SO_ERROR");
    if (problem != EPIPE && problem != ECONNRESET)
        fail("%s: expected RST, SO_ERROR is %d", name, problem);
}`,
    imports: ['poll.h', 'errno.h'],
    needs: ['fail', 'die'],
  },
  expect_nothing: {
    text: `
static void expect_nothing(const char *name, int fd, long ms) § For so long nothing comes.
{
    char data[64];
    set_timeout(fd, ms);
    ssize_t came = recv(fd, data, sizeof data, 0); § recv(2): must give up with EAGAIN.
    if (came != -1)
        fail("%s: %s came, expected nothing", name, came == 0 ? "its end" : "something");
    if (errno != EAGAIN)
        die(name);
}`,
    imports: ['errno.h'],
    needs: ['set_timeout', 'fail', 'die'],
  },
  read_what_is_there: {
    text: `
/* close(2) with unread bytes would send RST instead of FIN: they are read first. */
static void read_what_is_there(int fd) § Takes what has come and nobody has read.
{
    char data[4096];
    while (recv(fd, data, sizeof data, MSG_DONTWAIT) > 0) § recv(2) with MSG_DONTWAIT: EAGAIN where it would wait.
        ;
}`,
  },
  expect_data: {
    text: `
static void expect_data(const char *name, const char *came, size_t length, const char *wanted, size_t expected) § Compares a datagram as a whole.
{
    if (length != expected || memcmp(came, wanted, length) != 0) § memcmp(3)
        fail("%s: another datagram came than expected, of %zu bytes: %.*s", name, length, (int)length, came);
}`,
    imports: ['string.h'],
    needs: ['fail'],
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

import { type Helper } from '../helper'

/** Functions for failures, addresses, options and connecting. */
export const openingHelpers: Readonly<Record<string, Helper>> = {
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
static size_t file_count;

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
    if (file_count == sizeof files / sizeof *files)
        fail("too many files to remove");
    files[file_count++] = strdup(path);
}`,
    imports: ['stdio.h', 'stdlib.h', 'string.h'],
    needs: ['fail'],
  },
  remove_folder: {
    text: `
static int remove_one(const char *path, const struct stat *about, int type, struct FTW *place) § What nftw(3) calls with each of them.
{
    (void)about, (void)type, (void)place;
    return remove(path); § remove(3): unlink(2), or of a folder rmdir(2).
}

static void remove_folder(void) § Runs when the program ends.
{
    nftw(temp, remove_one, 8, FTW_DEPTH | FTW_PHYS); § nftw(3): all that is in the folder, then the folder; links are not followed.
}`,
    imports: ['ftw.h', 'stdio.h'],
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
}

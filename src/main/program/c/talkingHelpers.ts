import { type Helper } from '../helper'

/** Functions that send, read and compare. */
export const talkingHelpers: Readonly<Record<string, Helper>> = {
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
        for (size_t at = 0; at < came; at++, done++)
            if (data[at] != wanted[done]) § One other byte is enough.
                fail("%s: byte %zu is 0x%02x, expected 0x%02x", name, done, (unsigned char)data[at], (unsigned char)wanted[done]);
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
    if (length != expected)
        fail("%s: a datagram of %zu bytes came, expected %zu", name, length, expected);
    if (memcmp(came, wanted, length) != 0) § memcmp(3)
        fail("%s: other bytes came than expected", name);
}`,
    imports: ['string.h'],
    needs: ['fail'],
  },
}

// Opens COUNT connections to one listener as fast as it accepts them, and keeps them. How far the listener is behind is
// asked of the kernel (sock_diag(7): the accept queue's length, as `ss -ltn` shows it), so that nothing is asked of the
// listener and its queue never overflows (an overflow costs a second's wait for a retransmission).
// Prints the time until the last one was accepted; when stdin ends, resets them all and prints the time that took.
#include "common.h"
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#define IN_FLIGHT 64
#define QUEUE_LIMIT 256

static int diagnosis;
static struct sockaddr_in target;

static unsigned accept_queue(void) {
  struct {
    struct nlmsghdr head;
    struct inet_diag_req_v2 request;
  } ask = {
    .head = {.nlmsg_len = sizeof ask, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST},
    .request = {.sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP, .idiag_states = ~0u},
  };
  ask.request.id.idiag_sport = target.sin_port;
  ask.request.id.idiag_src[0] = target.sin_addr.s_addr;
  ask.request.id.idiag_cookie[0] = ask.request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  if (send(diagnosis, &ask, sizeof ask, 0) < 0) die("sock_diag");
  union {
    struct nlmsghdr head;
    char bytes[8192];
  } answer;
  if (recv(diagnosis, &answer, sizeof answer, 0) < (ssize_t)sizeof answer.head) die("sock_diag");
  if (answer.head.nlmsg_type == NLMSG_ERROR) {
    errno = -((struct nlmsgerr *)NLMSG_DATA(&answer.head))->error;
    die("sock_diag has no such listener");
  }
  return ((struct inet_diag_msg *)NLMSG_DATA(&answer.head))->idiag_rqueue;
}

int main(int argc, char **argv) {
  if (argc != 4) usage("connect HOST PORT COUNT");
  int count = atoi(argv[3]), begun = 0, open = 0;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  target = address_of(argv[1], argv[2]);
  diagnosis = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
  int poll = epoll_create1(0);
  int *fds = calloc((size_t)count, sizeof *fds);
  if (diagnosis < 0 || poll < 0) die("socket");

  int64_t began = now_nanos();
  while (open < count) {
    if (begun - open < IN_FLIGHT && begun < count && accept_queue() < QUEUE_LIMIT) {
      for (; begun < count && begun - open < IN_FLIGHT; begun++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (fd < 0) die("socket");
        if (connect(fd, (struct sockaddr *)&target, sizeof target) != 0 && errno != EINPROGRESS) die("connect");
        struct epoll_event wanted = {.events = EPOLLOUT | EPOLLONESHOT, .data.fd = fd};
        if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &wanted) != 0) die("epoll_ctl");
        fds[begun] = fd;
      }
    }
    struct epoll_event ready[IN_FLIGHT];
    int n = epoll_wait(poll, ready, IN_FLIGHT, 1);
    for (int i = 0; i < n; i++) {
      int error = 0;
      socklen_t length = sizeof error;
      getsockopt(ready[i].data.fd, SOL_SOCKET, SO_ERROR, &error, &length);
      if (error != 0) {
        errno = error;
        die("connect");
      }
      epoll_ctl(poll, EPOLL_CTL_DEL, ready[i].data.fd, NULL);
      open++;
    }
  }
  while (accept_queue() > 0) sleep_until(now_nanos() + 100000);
  printf("{\"nanos\":%lld,\"count\":%d}\n", (long long)(now_nanos() - began), count);
  fflush(stdout);

  char byte;
  while (read(0, &byte, 1) > 0) {
  }
  began = now_nanos();
  struct linger reset = {.l_onoff = 1, .l_linger = 0};
  for (int i = 0; i < count; i++) {
    setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fds[i]);
  }
  printf("{\"clearedNanos\":%lld}\n", (long long)(now_nanos() - began));
  return 0;
}

// Takes datagrams one recv() at a time with a receive buffer of 4 MiB and keeps nothing. Prints its port; at each line on
// stdin, prints how many came since the last one, once none has come for 100 ms.
#include "common.h"
#include <poll.h>

int main(void) {
  struct sockaddr_in address = address_of("127.0.0.1", "0");
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 4 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (bind(fd, (struct sockaddr *)&address, length) != 0) die("bind");
  if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) die("getsockname");
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  static unsigned char datagram[65536];
  int64_t received = 0;
  struct pollfd sides[2] = {{.fd = 0, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
  for (;;) {
    if (recv(fd, datagram, sizeof datagram, MSG_DONTWAIT) >= 0) {
      received++;
      continue;
    }
    if (poll(sides, 2, -1) < 0) die("poll");
    if (sides[1].revents != 0 || sides[0].revents == 0) continue;
    char line[64];
    if (read(0, line, sizeof line) <= 0) return 0;
    while (poll(&sides[1], 1, 100) > 0) {
      while (recv(fd, datagram, sizeof datagram, MSG_DONTWAIT) >= 0) received++;
    }
    printf("{\"received\":%lld}\n", (long long)received);
    fflush(stdout);
    received = 0;
  }
}

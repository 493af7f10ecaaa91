// Echoes one connection after another: the least that a round trip can cost here. Prints its port first.
#include "common.h"

int main(void) {
  struct sockaddr_in address = address_of("127.0.0.1", "0");
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 5) != 0) die("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &length) != 0) die("getsockname");
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) die("accept");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ssize_t n;
    while ((n = read(fd, payload, LARGEST_PIECE)) > 0) {
      if (write(fd, payload, (size_t)n) != n) die("write");
    }
    close(fd);
  }
}

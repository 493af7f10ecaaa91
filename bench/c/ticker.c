// COUNT messages of SIZE bytes, one every PERIOD microseconds by the clock; then FIN, and the end once the peer has finished.
#include "common.h"

int main(int argc, char **argv) {
  if (argc != 6) usage("ticker HOST PORT SIZE COUNT PERIOD");
  size_t size = (size_t)atoll(argv[3]);
  int64_t count = atoll(argv[4]), period = atoll(argv[5]) * 1000;
  if (size == 0 || size > LARGEST_PIECE || count < 1 || period < 1) usage("SIZE 1 to 262144, COUNT and PERIOD at least 1");
  fill_payload();
  int fd = dial(argv[1], argv[2]), on = 1;
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) die("TCP_NODELAY");
  int64_t began = now_nanos() + 1000000;
  for (int64_t i = 0; i < count; i++) {
    sleep_until(began + i * period);
    if (write(fd, payload, size) != (ssize_t)size) die("write");
  }
  shutdown(fd, SHUT_WR);
  unsigned char rest[64];
  while (read(fd, rest, sizeof rest) > 0) {
  }
  printf("{\"sent\":%lld}\n", (long long)count);
  return 0;
}

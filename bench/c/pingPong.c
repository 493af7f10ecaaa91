// COUNT round trips of SIZE bytes, one at a time, after COUNT/10 to warm up. Every answer is compared with what was sent.
#include "common.h"

static unsigned char answer[LARGEST_PIECE];

static void trip(int fd, size_t size, int64_t number) {
  const unsigned char *sent = payload + (uint64_t)number * 61 % PERIOD;
  if (write(fd, sent, size) != (ssize_t)size) die("write");
  size_t got = 0;
  while (got < size) {
    ssize_t n = read(fd, answer + got, size - got);
    if (n <= 0) die("read");
    got += (size_t)n;
  }
  if (memcmp(sent, answer, size) != 0) {
    fprintf(stderr, "round trip %lld came back different\n", (long long)number);
    exit(1);
  }
}

static int ascending(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc != 5) usage("pingPong HOST PORT SIZE COUNT");
  size_t size = (size_t)atoll(argv[3]);
  int64_t count = atoll(argv[4]);
  if (size == 0 || size > LARGEST_PIECE || count < 10) usage("SIZE 1 to 262144, COUNT at least 10");
  fill_payload();
  int fd = dial(argv[1], argv[2]), on = 1;
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) die("TCP_NODELAY");
  int64_t *took = calloc((size_t)count, sizeof *took);
  for (int64_t i = 0; i < count / 10; i++) trip(fd, size, i);
  int64_t began = now_nanos(), before = began;
  for (int64_t i = 0; i < count; i++) {
    trip(fd, size, i);
    int64_t now = now_nanos();
    took[i] = now - before;
    before = now;
  }
  qsort(took, (size_t)count, sizeof *took, ascending);
  printf("{\"nanos\":%lld,\"count\":%lld,\"p50\":%lld,\"p99\":%lld}\n", (long long)(before - began), (long long)count,
         (long long)took[count / 2], (long long)took[count * 99 / 100]);
  return 0;
}

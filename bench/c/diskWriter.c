// Writes BYTES of the known payload to FILE with O_DIRECT, in writes of 4 MiB: what this disk takes at best from one
// writer that has nothing else to do. Prints the seconds and the CPU seconds.
#include "common.h"
#include <fcntl.h>
#include <sys/resource.h>

#define SLAB (4u << 20)

int main(int argc, char **argv) {
  if (argc != 3) usage("diskWriter FILE BYTES");
  int64_t total = atoll(argv[2]), written = 0;
  fill_payload();
  unsigned char *slab;
  if (posix_memalign((void **)&slab, 4096, SLAB) != 0) die("posix_memalign");
  for (size_t i = 0; i < SLAB; i++) slab[i] = payload[i % PERIOD];
  int fd = open(argv[1], O_CREAT | O_TRUNC | O_WRONLY | O_DIRECT, 0600);
  if (fd < 0) die("open with O_DIRECT");
  int64_t began = now_nanos(), grown = 0;
  while (written < total) {
    if (written + SLAB > grown) {
      grown += 256 << 20;
      if (ftruncate(fd, grown) != 0) die("ftruncate");
    }
    ssize_t n = write(fd, slab, SLAB);
    if (n != SLAB) die("write");
    written += n;
  }
  if (ftruncate(fd, total) != 0 || close(fd) != 0) die("close");
  int64_t ended = now_nanos();
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  printf("{\"nanos\":%lld,\"bytes\":%lld,\"cpuSeconds\":%.3f}\n", (long long)(ended - began), (long long)total, cpu);
  return 0;
}

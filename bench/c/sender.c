// Sends BYTES of the known payload over TCP in writes of 256 KiB, at most RATE bytes a second (0: as fast as it goes),
// then FIN, and waits for the other side's. Prints when it began, when all was handed over, and when the FIN came.
// With PAUSE_AT it says so when that much was sent, and goes on at the next line on stdin.
#include "common.h"

int main(int argc, char **argv) {
  if (argc != 5 && argc != 6) usage("sender HOST PORT BYTES RATE [PAUSE_AT]");
  int64_t total = atoll(argv[3]), rate = atoll(argv[4]), pause_at = argc == 6 ? atoll(argv[5]) : -1, sent = 0;
  fill_payload();
  int fd = dial(argv[1], argv[2]);
  int64_t began = now_nanos();
  while (sent < total) {
    size_t piece = LARGEST_PIECE;
    if (rate > 0) {
      // What is due by now, in steps of a millisecond.
      int64_t due = (now_nanos() - began) / 1000000 * (rate / 1000) + rate / 1000;
      if (due <= sent) {
        sleep_until(began + (sent / (rate / 1000)) * 1000000);
        continue;
      }
      if ((int64_t)piece > due - sent) piece = (size_t)(due - sent);
    }
    if (sent == pause_at) {
      char line[64];
      printf("{\"paused\":%lld}\n", (long long)sent);
      fflush(stdout);
      if (read(0, line, sizeof line) <= 0) return 0;
      pause_at = -1;
    }
    int64_t until = sent < pause_at ? pause_at : total;
    if ((int64_t)piece > until - sent) piece = (size_t)(until - sent);
    ssize_t n = write(fd, payload + sent % PERIOD, piece);
    if (n < 0) die("write");
    sent += n;
  }
  int64_t handed = now_nanos();
  if (shutdown(fd, SHUT_WR) != 0) die("shutdown");
  char rest[4096];
  ssize_t n;
  while ((n = read(fd, rest, sizeof rest)) > 0) {
  }
  if (n < 0) die("read");
  printf("{\"began\":%lld,\"handed\":%lld,\"ended\":%lld,\"bytes\":%lld}\n", (long long)began, (long long)handed,
         (long long)now_nanos(), (long long)sent);
  return 0;
}

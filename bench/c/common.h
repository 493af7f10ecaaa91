// What the benchmarks' C programs share: the known payload, the clock, and a way out.
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

// The payload is a pseudo-random block that repeats. Its length is a prime, so that bytes lost, doubled or moved by any
// round number no longer fit. bench/lib/payload.mjs makes the same block.
#define PERIOD 1048583u
#define LARGEST_PIECE 262144u

static unsigned char payload[PERIOD + LARGEST_PIECE];

__attribute__((unused)) static void fill_payload(void) {
  uint32_t x = 2463534242u; // xorshift32, Marsaglia 2003
  for (size_t i = 0; i < PERIOD; i++) {
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    payload[i] = (unsigned char)(x >> 24);
  }
  memcpy(payload + PERIOD, payload, LARGEST_PIECE);
}

// CLOCK_MONOTONIC, which process.hrtime reads too: times of two processes can be compared.
__attribute__((unused)) static int64_t now_nanos(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

__attribute__((unused)) static void sleep_until(int64_t at_nanos) {
  struct timespec t = {.tv_sec = at_nanos / 1000000000, .tv_nsec = at_nanos % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {
  }
}

__attribute__((unused)) static void die(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

__attribute__((unused)) static void usage(const char *text) {
  fprintf(stderr, "usage: %s\n", text);
  exit(2);
}

__attribute__((unused)) static struct sockaddr_in address_of(const char *host, const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
    fprintf(stderr, "%s is not an IPv4 address\n", host);
    exit(2);
  }
  return address;
}

// A connected TCP socket. A server that was told to listen a moment ago may need one: refusals are tried again for 5 s.
__attribute__((unused)) static int dial(const char *host, const char *port) {
  struct sockaddr_in address = address_of(host, port);
  int64_t give_up = now_nanos() + 5000000000;
  for (;;) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) die("socket");
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    if (errno != ECONNREFUSED || now_nanos() > give_up) die("connect");
    close(fd);
    sleep_until(now_nanos() + 5000000);
  }
}

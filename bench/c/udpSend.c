// Sends datagrams of SIZE bytes at RATE a second for MILLISECONDS, paced every 500 microseconds. Each begins with its
// number (64 bits, little-endian); the rest is the known payload. Prints how many went out and how long it took.
#include "common.h"

#define STEP_NANOS 500000
#define BATCH 64

int main(int argc, char **argv) {
  if (argc != 6) usage("udpSend HOST PORT SIZE RATE MILLISECONDS");
  size_t size = (size_t)atoll(argv[3]);
  int64_t rate = atoll(argv[4]), total = rate * atoll(argv[5]) / 1000, sent = 0;
  if (size < 8 || size > 65507) usage("SIZE 8 to 65507");
  fill_payload();
  struct sockaddr_in address = address_of(argv[1], argv[2]);
  int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 4 << 20;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
  static unsigned char datagrams[BATCH][65536];
  struct mmsghdr messages[BATCH] = {0};
  struct iovec pieces[BATCH];
  for (int i = 0; i < BATCH; i++) {
    memcpy(datagrams[i] + 8, payload, size - 8);
    pieces[i] = (struct iovec){.iov_base = datagrams[i], .iov_len = size};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  int64_t began = now_nanos();
  while (sent < total) {
    int64_t due = (int64_t)((double)(now_nanos() - began + STEP_NANOS) * (double)rate / 1e9);
    if (due > total) due = total;
    if (due <= sent) {
      sleep_until(began + (now_nanos() - began) / STEP_NANOS * STEP_NANOS + STEP_NANOS);
      continue;
    }
    int batch = due - sent < BATCH ? (int)(due - sent) : BATCH;
    for (int i = 0; i < batch; i++) {
      int64_t number = sent + i;
      memcpy(datagrams[i], &number, 8);
    }
    int n = sendmmsg(fd, messages, (unsigned)batch, 0);
    if (n < 0) die("sendmmsg");
    sent += n;
  }
  printf("{\"sent\":%lld,\"nanos\":%lld}\n", (long long)sent, (long long)(now_nanos() - began));
  return 0;
}

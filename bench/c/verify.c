// The judge: reads what a receiver kept and compares it with the known payload, byte by byte and with no code of ours in
// between. RAW: the file is the stream. PCAPNG: inbound packets (epb_flags) hold it, behind their IP and TCP headers, and
// their sequence numbers must follow on from each other. DATAGRAMS: so many inbound UDP packets of udpSend are there.
// Prints the bytes and packets found, or where it first differs.
// Formats: pcapng (draft-ietf-opsawg-pcapng), RFC 791, RFC 8200, RFC 9293.
#include "common.h"
#include <fcntl.h>
#include <stdbool.h>

#define WINDOW (8u << 20)
#define SECTION_HEADER 0x0A0D0D0Au
#define ENHANCED_PACKET 6u
#define FLAGS_OPTION 2u

static unsigned char window[WINDOW];
static size_t held, at;
static int64_t dropped_to, passed, checked, packets;
static int fd;

static void refill(void) {
  memmove(window, window + at, held - at);
  held -= at;
  passed += (int64_t)at;
  at = 0;
  ssize_t n;
  while (held < WINDOW && (n = read(fd, window + held, WINDOW - held)) != 0) {
    if (n < 0) die("read");
    held += (size_t)n;
  }
  // Leaves the page cache as it was found, so that the next round does not begin with ours in it.
  posix_fadvise(fd, dropped_to, passed - dropped_to, POSIX_FADV_DONTNEED);
  dropped_to = passed;
}

static bool has(size_t bytes) {
  if (held - at < bytes) refill();
  return held - at >= bytes;
}

static void fail(const char *what, int64_t offset) {
  fprintf(stderr, "%s at file offset %lld, stream offset %lld\n", what, (long long)offset, (long long)checked);
  exit(1);
}

static void compare(const unsigned char *bytes, size_t length) {
  while (length > 0) {
    size_t piece = length < LARGEST_PIECE ? length : LARGEST_PIECE;
    if (memcmp(bytes, payload + checked % PERIOD, piece) != 0) fail("the bytes differ", passed + (int64_t)at);
    checked += (int64_t)piece;
    bytes += piece;
    length -= piece;
  }
}

static uint32_t u32(const unsigned char *p) {
  uint32_t v;
  memcpy(&v, p, 4);
  return v;
}

// The packet's transport header, or NULL when it carries none that is wanted here.
static const unsigned char *transport(const unsigned char *ip, unsigned *protocol) {
  if (ip[0] >> 4 == 4) {
    *protocol = ip[9];
    return ip + (ip[0] & 15) * 4;
  }
  *protocol = ip[6];
  ip += 40;
  if (*protocol == 0) { // hop-by-hop options
    *protocol = ip[0];
    ip += (ip[1] + 1) * 8;
  }
  return ip;
}

static bool is_inbound(const unsigned char *option, const unsigned char *end) {
  while (option + 4 <= end) {
    uint16_t code, length;
    memcpy(&code, option, 2);
    memcpy(&length, option + 2, 2);
    if (code == 0) break;
    if (code == FLAGS_OPTION) return (u32(option + 4) & 3) == 1;
    option += 4 + ((length + 3) & ~3);
  }
  return false;
}

static void packet(const unsigned char *block, uint32_t length) {
  static bool has_next;
  static uint32_t next;
  uint32_t captured = u32(block + 20);
  if (captured != u32(block + 24)) fail("a packet is cut short", passed + (int64_t)at);
  const unsigned char *data = block + 28, *end = data + captured;
  if (!is_inbound(data + ((captured + 3) & ~3u), block + length - 4)) return;
  unsigned protocol;
  const unsigned char *header = transport(data, &protocol);
  if (protocol == IPPROTO_UDP) {
    if (end - header < 16 || memcmp(header + 16, payload, (size_t)(end - header - 16)) != 0) fail("a datagram differs", passed + (int64_t)at);
    packets++;
    return;
  }
  if (protocol == IPPROTO_TCP) {
    uint32_t sequence = ntohl(u32(header + 4));
    const unsigned char *body = header + (header[12] >> 4) * 4;
    bool takes_one = header[13] & 3; // SYN and FIN count as one byte
    if (has_next && body < end && sequence != next) fail("the sequence numbers do not add up", passed + (int64_t)at);
    if (body < end || takes_one) {
      next = sequence + (uint32_t)(end - body) + takes_one;
      has_next = true;
    }
    header = body;
  } else return;
  if (header < end) packets++;
  compare(header, (size_t)(end - header));
}

int main(int argc, char **argv) {
  if (argc != 4) usage("verify RAW|PCAPNG|DATAGRAMS FILE BYTES|COUNT");
  bool is_raw = strcmp(argv[1], "RAW") == 0, is_count = strcmp(argv[1], "DATAGRAMS") == 0;
  int64_t wanted = atoll(argv[3]);
  fill_payload();
  fd = open(argv[2], O_RDONLY);
  if (fd < 0) die(argv[2]);
  if (is_raw) {
    while (has(1)) {
      compare(window + at, held - at);
      at = held;
      packets++;
    }
  } else {
    if (!has(12) || u32(window) != SECTION_HEADER) fail("this is no pcapng file", 0);
    while (has(12)) {
      uint32_t length = u32(window + at + 4);
      if (length < 12 || length % 4 != 0 || !has(length)) fail("a block is torn", passed + (int64_t)at);
      if (u32(window + at + length - 4) != length) fail("a block's two lengths differ", passed + (int64_t)at);
      if (u32(window + at) == ENHANCED_PACKET) packet(window + at, length);
      at += length;
    }
    if (held != at) fail("bytes after the last block", passed + (int64_t)at);
  }
  int64_t found = is_count ? packets : checked;
  if (found != wanted) {
    fprintf(stderr, "%lld of %lld are there\n", (long long)found, (long long)wanted);
    return 1;
  }
  printf("{\"bytes\":%lld,\"packets\":%lld}\n", (long long)checked, (long long)packets);
  return 0;
}

// Runs a program and prints, when it has ended, the CPU seconds it used. Its signals: SIGTERM is passed on.
#include "common.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static pid_t child;

static void pass_on(int signal_number) { kill(child, signal_number); }

int main(int argc, char **argv) {
  if (argc < 2) usage("timed PROGRAM [ARGUMENT...]");
  child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    execvp(argv[1], argv + 1);
    die(argv[1]);
  }
  signal(SIGTERM, pass_on);
  int status;
  struct rusage used;
  while (wait4(child, &status, 0, &used) < 0) {
    if (errno != EINTR) die("wait4");
  }
  double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  printf("{\"cpuSeconds\":%.3f,\"code\":%d}\n", cpu, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 0;
}

// Signals as flags: the handler notes the signal, the program looks when the ranks exchange something.
#define _GNU_SOURCE
#include "CPlatform.h"
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

static _Atomic uint32_t received;
static _Atomic int64_t first_end;  // nanoseconds of the first SIGTERM or SIGINT; 0 before

static const int64_t patience = 2000000000;

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);  // on POSIX's list of what a handler may call
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void note(int signal) {
  int error = errno;
  if (signal == SIGTERM || signal == SIGINT) {
    int64_t none = 0, time = now();
    if (!atomic_compare_exchange_strong(&first_end, &none, time) && time - none > patience) _exit(128 + signal);
  }
  atomic_fetch_or(&received, (uint32_t)1 << signal);
  errno = error;
}

int platform_signals_install(void) {
  static const int signals[] = {SIGTERM, SIGINT, SIGUSR1, SIGUSR2};
  struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  sigset_t unblocked;
  sigemptyset(&unblocked);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    if (sigaction(signals[i], &action, NULL)) return errno;
    sigaddset(&unblocked, signals[i]);
  }
  return pthread_sigmask(SIG_UNBLOCK, &unblocked, NULL);
}

uint32_t platform_signals_received(void) { return atomic_load(&received); }

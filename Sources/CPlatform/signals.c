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

static void pass_over(int signal) { (void)signal; }

// Handlers, not SIG_IGN: that would be handed on to every program that is started from here.
static int catch(int signal, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  if (sigaction(signal, &action, NULL)) return errno;
  sigset_t unblocked;
  sigemptyset(&unblocked);
  sigaddset(&unblocked, signal);
  return pthread_sigmask(SIG_UNBLOCK, &unblocked, NULL);
}

// Whoever started us may not want to hear of it (nohup).
static int catch_unless_ignored(int signal, void (*handler)(int)) {
  struct sigaction before;
  if (sigaction(signal, NULL, &before)) return errno;
  return before.sa_handler == SIG_IGN ? 0 : catch(signal, handler);
}

void platform_signals_of_writing(void) {
  catch_unless_ignored(SIGPIPE, note);
  catch_unless_ignored(SIGXFSZ, pass_over);
}

int platform_signals_install(void) {
  static const int signals[] = {SIGTERM, SIGINT, SIGUSR1, SIGUSR2};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    int error = catch(signals[i], note);
    if (error) return error;
  }
  return catch_unless_ignored(SIGHUP, note);
}

uint32_t platform_signals_received(void) { return atomic_load(&received) & ~((uint32_t)1 << SIGPIPE); }
int platform_pipe_broke(void) { return (atomic_load(&received) >> SIGPIPE) & 1; }

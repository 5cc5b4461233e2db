// A line for the case that a library ends the process: MPI_Init does so, by _exit() or exit(), when it does not get what it
// needs, and says twenty lines that name no cure.
#define _GNU_SOURCE
#include "CPlatform.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char line[512];
static int code, armed, delay;

static void speak(void) {
  if (!armed) return;
  armed = 0;
  usleep((useconds_t)delay);
  ssize_t written = write(2, line, strlen(line));
  (void)written;
  _exit(code);
}

// Stands in for the C library's, for all that call it by its name.
void _exit(int status) {
  speak();
  for (;;) syscall(SYS_exit_group, status);
}

void platform_exit_guard(const char *text, int exit_code, double seconds) {
  static int registered;
  armed = text != NULL;
  if (!armed) return;
  snprintf(line, sizeof line, "fairtat-dist: %s\n", text);
  code = exit_code;
  delay = (int)(seconds * 1e6);
  if (!registered) registered = atexit(speak) == 0;
}

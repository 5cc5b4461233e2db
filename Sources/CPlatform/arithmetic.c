// The modes of floating point, and the clock.
#define _GNU_SOURCE
#include "CPlatform.h"
#include <time.h>

#if defined(__x86_64__)
// MXCSR: all exceptions masked, round to nearest, FTZ (bit 15) and DAZ (bit 6) off. The low six bits are sticky flags.
static const unsigned standard = 0x1F80;
void platform_set_rounding(void) { __builtin_ia32_ldmxcsr(standard); }
void platform_flush_denormals(int flush) { __builtin_ia32_ldmxcsr(flush ? standard | 0x8040 : standard); }
int platform_rounding_is_standard(void) { return (__builtin_ia32_stmxcsr() & ~0x3Fu) == standard; }
#else
#error "fairtat-dist is written for x86-64"
#endif

double platform_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

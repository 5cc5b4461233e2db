// The instruction set of the build, and the check that this CPU has it.
#include "CPlatform.h"
#include <stdlib.h>
#include <unistd.h>

#if defined(FAIRTAT_AVX512)
#define LEVEL "AVX512"
#define PRESENT                                                                                          \
  (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&                            \
   __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma"))
#elif defined(FAIRTAT_AVX2)
#define LEVEL "AVX2"
#define PRESENT (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#else
#define LEVEL "BASELINE"
#define PRESENT 1
#endif

const char *platform_built_level(void) { return LEVEL; }
const char *platform_built_march(void) { return FAIRTAT_MARCH; }

// A constructor, because Swift code of this program may use such an instruction from its first line on.
__attribute__((constructor)) static void refuse_missing_instructions(void) {
  static const char line[] = "fairtat-dist: built for " LEVEL " (FAIRTAT_MARCH=" FAIRTAT_MARCH
                             "), which this CPU lacks; build with FAIRTAT_MARCH=x86-64-v3 or x86-64\n";
  __builtin_cpu_init();
  if (PRESENT) return;
  ssize_t written = write(2, line, sizeof line - 1);
  (void)written;
  _exit(78);
}
